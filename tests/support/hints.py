"""Hints that tests of several modules expect: each is written once. No test is here."""

SIZES = (
    'compare maps of one size; `resize="nearest"` of `evaluate` and `Evaluator` resizes predictions in two '
    "dimensions to their targets"
)
TRANSPOSED = "they look transposed: exchange height and width on one side"
FOLDER = "choose a folder that is there, writable, and on a disk with room"
OTHER_LABELS = "where predictions use other label values than targets, say so with `pred_classes`"
LARGE = "if the mask is really this large, raise `max_pixels`"
GIVE_LABELS = "give these labels to classes, or leave them out with `ignore_index`"
READABLE = "check that the file is there and readable"
NEW_VERSION = (
    "add a new version with `segscore dataset add`, or bring the files back; a version never changes"
)
BRING_BACK = "bring it back from a copy, or move it out of the workspace"
NAME = "a name has 1 to 64 letters (A to Z), digits, `-`, `_` and `.`, and begins with neither dash nor dot"
NUMBER_OF_IMAGES = "it is a number of images, 0 to 1,000"
SKIP = '`on_error="skip"` scores the other images, and says so'
FLOATS = (
    "class scores go to `update` or `add` as `logits=`, to `evaluate` with `class_axis=`; "
    "labels that were read as floats through `.astype(int)`"
)
INTEGERS = "pass an array with one integer label a pixel"
FLOAT_TARGET = "labels that were read as floats go through `.astype(int)`"
ONE_TARGET = "give one target for each prediction"
IN_ORDER = "they are in the order of `ev.names`"
CHANNELS = "channel k holds the scores of the k-th class, also where that class is ignored"
_FORMS = "`.toml`, or tables of other tools, `.txt`, `.csv`, `.json`, `.xml`"
FILES_OF_CLASSES = f"files of classes are {_FORMS}"
PRESETS = f"`segscore classes` lists the presets; {FILES_OF_CLASSES}"
CLASSES_THERE = f"give a preset, or the path of a file with classes: {_FORMS}"
LABELS_AS_SCORES = (
    "scores of one channel are of two classes; where these are labels, make them integers, such as int64"
)
OWN_MODULE = "name a module of your own, written in Python: `my_project.{}`"
COLON = "a colon stands between the module and what is in it"
LABEL_VALUES = "label values are integers below 2**56"
CLASS_NAMES = "class names are texts; label values are given beside them, as `labels`"
AS_MANY = "give as many as there are class names"
OF_ITS_OWN = "each class has a label value of its own"
SAVED = "`Evaluation.save` and `segscore evaluate --save` write such files"
COLOURS = "colours are read only where the classes have colours: give them some, or save label values"
