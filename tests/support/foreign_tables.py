"""Tables of the classes road and sky as other tools write them, by name of file. Nothing here is a test."""

import json

XML = """<View>
  <Image name="image" value="$image"/>
  <!-- what is marked -->
  <BrushLabels name="tag" toName="image">
    <Label value="road" background="#FFA39E"/><Label value="sky"/>
  </BrushLabels>
</View>"""
TABLES = {
    "labelmap.txt": "# label:color_rgb:parts:actions\nroad:128,64,128::\nsky:70,130,180:cloud,sun:fly\n",
    "label_colors.txt": "128 64 128\troad\n 70 130 180  sky\n",
    "class_dict.csv": "name,r,g,b\nroad,128,64,128\nsky, 70, 130, 180\n\n",
    "_classes.csv": "Pixel Value, Class\n0, road\n1, sky\n",
    "config.xml": XML,
    "parsed.json": json.dumps(
        {"tag": {"type": "BrushLabels", "to_name": ["image"], "labels": ["road", "sky"]}}
    ),
    "dataset_meta.json": json.dumps(
        {"label_map": {"0": "road", "1": "sky"}, "segmentation_colors": [[128, 64, 128], [70, 130, 180]]}
    ),
    "datumaro.json": json.dumps(
        {
            "categories": {
                "label": {"labels": [{"name": "road", "parent": ""}, {"name": "sky", "parent": ""}]},
                "mask": {"colormap": [{"label_id": 1, "r": 70, "g": 130, "b": 180}]},
            }
        }
    ),
    "id2label.json": json.dumps({"1": "sky", "0": "road"}),
    "config.json": json.dumps({"model_type": "segformer", "id2label": {"0": "road", "1": "sky"}}),
    "dataset.json": json.dumps({"labels": {"road": 0, "sky": 1}, "channel_names": {"0": "CT"}}),
    "labels.txt": "__ignore__\nroad\nsky\n",
    "coco.json": json.dumps(
        {"images": [], "categories": [{"id": 0, "name": "road"}, {"id": 1, "name": "sky"}]}
    ),
    "panoptic_categories.json": json.dumps(
        [
            {"id": 0, "name": "road", "isthing": 0, "color": [128, 64, 128]},
            {"id": 1, "name": "sky", "isthing": 0, "color": [70, 130, 180]},
        ]
    ),
    "meta.json": json.dumps(
        {
            "classes": [
                {"title": "road", "shape": "bitmap", "color": "#804080", "id": 6509759},
                {"title": "sky", "shape": "polygon", "color": "#4682B4", "id": 6509764},
            ],
            "tags": [],
        }
    ),
    "project.json": json.dumps({"id": 1, "title": "streets", "label_config": XML}),
    "first.json": json.dumps({"labels": {"0": "road", "1": "sky"}, "modality": {"0": "CT"}}),
}
ROAD, SKY = (128, 64, 128), (70, 130, 180)
COLOURED = (
    "labelmap.txt",
    "label_colors.txt",
    "class_dict.csv",
    "dataset_meta.json",
    "panoptic_categories.json",
    "meta.json",
)
COLOURS = {
    **{name: {0: ROAD, 1: SKY} for name in COLOURED},
    "datumaro.json": {1: SKY},
}
WITHOUT_NUMBERS = {
    "labelmap.txt",
    "label_colors.txt",
    "class_dict.csv",
    "config.xml",
    "parsed.json",
    "meta.json",
    "project.json",
}
IGNORED = {"labels.txt": (-1, 255)}
XML_OF_VOID = """<View><BrushLabels name="tag" toName="image">
<Label value="road"/><Label value="Ignored"/><Label value="sky"/></BrushLabels></View>"""
VOID = {
    "labelmap.txt": (
        "# label:color_rgb:parts:actions\nroad:128,64,128::\nvoid:1,2,3::\nsky:70,130,180::\n",
        "void",
    ),
    "label_colors.txt": ("128 64 128\troad\n1 2 3 Void\n70 130 180 sky\n", "Void"),
    "class_dict.csv": ("name,r,g,b\nroad,128,64,128\nun-labelled,1,2,3\nsky,70,130,180\n", "un-labelled"),
    "_classes.csv": ("Pixel Value, Class\n0, road\n1, unlabeled\n2, sky\n", "unlabeled"),
    "config.xml": (XML_OF_VOID, "Ignored"),
    "dataset_meta.json": (
        '{"label_map": {"0": "road", "1": "__ignore__", "2": "sky"}, '
        '"segmentation_colors": [[128, 64, 128], [1, 2, 3], [70, 130, 180]]}',
        "__ignore__",
    ),
    "datumaro.json": (
        '{"categories": {"label": {"labels": [{"name": "road"}, {"name": "void"}, {"name": "sky"}]}}}',
        "void",
    ),
    "id2label.json": ('{"0": "road", "1": "Don\'t care", "2": "sky"}', "Don't care"),
    "dataset.json": ('{"labels": {"road": 0, "void": 1, "sky": 2}}', "void"),
    "labels.txt": ("_background_\nvoid\nsky\n", "void"),
    "coco.json": (
        '[{"id": 0, "name": "road"}, {"id": 2, "name": "sky"}, {"id": 1, "name": "Not annotated"}]',
        "Not annotated",
    ),
    "meta.json": (
        '{"classes": [{"title": "road", "color": "#804080"}, {"title": "do not care", "color": "#010203"}, '
        '{"title": "sky", "color": "#4682B4"}]}',
        "do not care",
    ),
}
"""Tables with void between the classes, and what each of them calls it."""
