#!/usr/bin/env bash
# integration/kill.sh with a thousand builds that are killed at random moments;
# a smaller fleet, so that it takes minutes.
TT_KILLS=1000 TT_KILL_DAYS=2 exec bash "$TT_SOURCE/tests/integration/kill.sh"
