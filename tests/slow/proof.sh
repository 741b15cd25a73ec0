#!/usr/bin/env bash
# The proof of tests/README.md, on all of its twenty seeds.
. "$TT_SOURCE/tests/integration/lib.sh"

bash "$TT_SOURCE/tests/proof/run" --dir kept || fail "the proof does not hold"
