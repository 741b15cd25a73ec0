#!/usr/bin/env bash
# Detectors find what is planted in made-up fleets and nothing in clean ones: three seeds of the
# standard fleet. tests/slow/proof.sh takes twenty.
. "$TT_SOURCE/tests/integration/lib.sh"

bash "$TT_SOURCE/tests/proof/run" --seeds 3 --dir kept || fail "the proof does not hold"
