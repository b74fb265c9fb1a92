"""A model of a few words."""


def dark(image):
    """Return road or sky, and never a car."""
    return image[..., :2].argmax(axis=2)
