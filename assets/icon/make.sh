#!/usr/bin/env bash
# Makes the PNGs beside it from photodesk.svg (apt-get install librsvg2-bin).
set -euo pipefail
cd "$(dirname "$0")"
for side in 16 24 32 48 64 128 256 512; do
    rsvg-convert --width "$side" --height "$side" --output "photodesk-$side.png" photodesk.svg
done
