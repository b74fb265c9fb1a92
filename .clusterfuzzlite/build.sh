#!/bin/bash -eu
# Build the targets in Rust, each with the inputs from which it begins.
cd "$SRC/segscore"
python3 fuzz/seeds.py "$WORK/seeds"
cargo fuzz build -O
for folder in "$WORK"/seeds/*; do
  target=$(basename "$folder")
  cp "fuzz/target/x86_64-unknown-linux-gnu/release/$target" "$OUT/"
  (cd "$folder" && zip --quiet "$OUT/${target}_seed_corpus.zip" -- *)
done
