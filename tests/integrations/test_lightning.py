"""Lightning logs what one evaluator finds, on one process and on two with the sampler that it brings."""

import json
from pathlib import Path
from typing import Any

import pytest

from support import loops
from support.loops import METRICS, OPTIONS

loops.needed("torch", "torchmetrics", "lightning")

import lightning
import torch
from torch.utils.data import DataLoader, TensorDataset

from segscore.integrations.torchmetrics import SegmentationScores

pytestmark = pytest.mark.filterwarnings("ignore")  # of Lightning: about workers, loggers and shared memory


class Segmenter(lightning.LightningModule):
    """A network that is trained on all images at once, so that processes do the same steps as one."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        self.folder = folder
        self.model = loops.network()
        self.scores = SegmentationScores(**OPTIONS, metrics=METRICS)
        self.everything = (torch.from_numpy(loops.photographs()), torch.from_numpy(loops.label_maps()))
        self.seen = 0

    def data(self) -> DataLoader:
        return DataLoader(TensorDataset(torch.arange(loops.NUMBER), *self.everything))

    def train_dataloader(self) -> DataLoader:
        return DataLoader(TensorDataset(torch.arange(2 * self.trainer.world_size)), batch_size=1)

    val_dataloader = test_dataloader = data

    def training_step(self, _: Any) -> torch.Tensor:
        photographs, labels = self.everything
        return loops.loss_of(self.model(photographs), labels)

    def validation_step(self, batch: Any) -> None:
        images, photographs, labels = batch
        self.scores.update(self.model(photographs), labels, images=images)
        self.seen += len(images)

    def on_validation_epoch_end(self) -> None:
        self.log_dict(self.scores.compute())
        names = list(self.scores.evaluation().names)
        self.scores.reset()
        if not self.trainer.sanity_checking:
            found = {"names": names, "seen": self.seen, "weights": loops.weights_of(self.model)}
            path = self.folder / f"{self.trainer.global_rank}.json"
            path.write_text(json.dumps(found))
        self.seen = 0

    def configure_optimizers(self) -> torch.optim.Optimizer:
        return torch.optim.SGD(self.parameters(), lr=0.5)


class Kept(lightning.Callback):
    """Writes down what was logged, when Lightning has reduced it over processes."""

    def on_validation_end(self, trainer: Any, module: Any) -> None:
        path = module.folder / f"logged-{trainer.global_rank}.json"
        path.write_text(json.dumps({name: v.item() for name, v in trainer.callback_metrics.items()}))


@pytest.mark.parametrize("processes", [1, 2])
def test_what_is_logged_is_what_one_evaluator_finds(processes: int, tmp_path: Path) -> None:
    options = {"strategy": "ddp_spawn"} if processes > 1 else {}
    trainer = lightning.Trainer(
        accelerator="cpu",
        devices=processes,
        max_epochs=2,
        limit_train_batches=1,
        callbacks=[Kept()],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
        default_root_dir=tmp_path,
        **options,
    )
    trainer.fit(Segmenter(tmp_path))
    for rank in range(processes):
        found = json.loads((tmp_path / f"{rank}.json").read_text())
        logged = json.loads((tmp_path / f"logged-{rank}.json").read_text())
        assert found["names"] == [str(i) for i in range(loops.NUMBER)]
        assert found["seen"] == (4 if processes > 1 else 7)
        assert found["weights"] != loops.weights_of(loops.network())
        whole = loops.evaluated(loops.scores_of(loops.network_of(found["weights"])))
        assert {name: logged[name] for name in METRICS} == loops.values_of(whole)
