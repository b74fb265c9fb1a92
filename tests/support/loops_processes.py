"""Training loops on two processes of one machine, by gloo. Nothing here is a test."""

import json
import os
from pathlib import Path
from typing import Any

import ignite.distributed as idist
import torch
from ignite.engine import Engine
from torch.nn.parallel import DistributedDataParallel
from torch.utils.data import DataLoader, DistributedSampler, TensorDataset

from segscore.integrations import ignite, torchmetrics
from support import loops
from support.loops import METRICS, OPTIONS


def of_two(what: str, folder: Path) -> list[dict[str, Any]]:
    """Return what each of two processes has found."""
    torch.multiprocessing.spawn(RUN[what], args=(str(folder),), nprocs=2)
    return [json.loads((folder / f"{rank}.json").read_text()) for rank in range(2)]


def _metrics(rank: int, folder: str) -> None:
    os.environ |= {"RANK": str(rank), "WORLD_SIZE": "2", "LOCAL_RANK": str(rank)}
    torch.distributed.init_process_group(
        "gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=2
    )
    found = _found(rank)
    (Path(folder) / f"{rank}.json").write_text(json.dumps(found))
    torch.distributed.destroy_process_group()


def _found(rank: int) -> dict[str, Any]:
    # The same steps as `trained`: each process sees all images, so that gradients are those of one.
    model = loops.network()
    shared = DistributedDataParallel(model)
    optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
    photographs, labels = torch.from_numpy(loops.photographs()), torch.from_numpy(loops.label_maps())
    for _ in range(3):
        optimizer.zero_grad()
        loops.loss_of(shared(photographs), labels).backward()
        optimizer.step()
    model.eval()

    data = TensorDataset(torch.arange(loops.NUMBER), photographs, labels)
    loader = DataLoader(data, batch_size=1, sampler=DistributedSampler(data, shuffle=False))
    made = {name: torchmetrics.SegmentationScores(**OPTIONS, metrics=METRICS) for name in ("told", "untold")}
    seen = 0
    with torch.no_grad():
        for images, batch, target in loader:
            scores = model(batch)
            made["told"].update(scores, target, images=images)
            made["untold"].update(scores, target)
            seen += len(images)
        # All images in one process, which others wait for.
        alone = torchmetrics.SegmentationScores(**OPTIONS, metrics=METRICS)
        if rank == 1:
            for images, batch, target in DataLoader(data):
                alone.update(model(batch), target, images=images)
    found = {
        "seen": seen,
        "weights": loops.weights_of(model),
        "with images": _floats(made["told"].compute()),
        "names": list(made["told"].evaluation().names),
        "without": _floats(made["untold"].compute()),
        "one process has none": _floats(alone.compute()),
        "after": _floats(made["told"].compute()),  # states are those of the process again
    }

    def step(_: Engine, batch: Any) -> Any:
        images, inputs, target = batch
        with torch.no_grad():
            return model(inputs), target, images

    engine = Engine(step)
    ignite.SegmentationScores(**OPTIONS, metrics=METRICS).attach(engine, "scores")
    assert idist.get_world_size() == 2
    return {**found, "ignite": engine.run(loader).metrics["scores"]}


def _floats(computed: dict[str, torch.Tensor]) -> dict[str, float]:
    return {name: value.item() for name, value in computed.items()}


class Model(torch.nn.Module):
    """A network as the Trainer of transformers takes it."""

    def __init__(self) -> None:
        super().__init__()
        self.network = loops.network()

    def forward(self, pixel_values: Any, labels: Any) -> dict[str, Any]:
        scores = self.network(pixel_values)
        return {"loss": loops.loss_of(scores, labels), "logits": scores}


def _trainer(rank: int, folder: str) -> None:
    from transformers import Trainer, TrainingArguments

    from segscore.integrations.transformers import argmax_labels, compute_metrics

    os.environ |= {"RANK": str(rank), "WORLD_SIZE": "2", "LOCAL_RANK": str(rank)}
    os.environ |= {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": (Path(folder) / "port").read_text()}
    pairs = zip(loops.photographs(), loops.label_maps(), strict=True)
    data = [{"pixel_values": torch.from_numpy(x), "labels": torch.from_numpy(y)} for x, y in pairs]
    found: dict[str, Any] = {}
    for batches in (False, True):
        metrics = compute_metrics(**OPTIONS, metrics=METRICS)
        trainer = Trainer(
            Model(),
            TrainingArguments(
                folder,
                use_cpu=True,
                ddp_backend="gloo",
                report_to=[],
                label_names=["labels"],
                per_device_eval_batch_size=2,
                disable_tqdm=True,
                batch_eval_metrics=batches,
            ),
            eval_dataset=data,
            compute_metrics=metrics,
            preprocess_logits_for_metrics=argmax_labels,
        )
        logged = trainer.evaluate()
        found[f"batches {batches}"] = {name: logged[f"eval_{name}"] for name in METRICS}
        found[f"images {batches}"] = len(metrics.evaluation.names)
    (Path(folder) / f"{rank}.json").write_text(json.dumps(found))
    torch.distributed.destroy_process_group()


RUN = {"metrics": _metrics, "trainer": _trainer}
