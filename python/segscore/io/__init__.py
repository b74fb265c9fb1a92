"""What comes in and goes out: arrays, names that pair, masks, photographs, groups of images, safe writing."""
