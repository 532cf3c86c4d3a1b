"""The network of the sound tagger in torch: fitted here, run by audio.cnn."""

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn
from torch.nn import functional

from audio.cnn import BLOCKS, DILATIONS
from audio.logmel import BANDS

CHANNELS = (16, 32, 64)
WIDTH = 96
EDGE_STEPS = 3
"""Outputs next to a segment's edge lack context and are not learned from."""


class Net(nn.Module):
    """Convolutions that halve time and frequency, then dilated ones over time; see audio.cnn for what they mean."""

    def __init__(self, classes: int, mean: NDArray[np.float32], scale: NDArray[np.float32]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor(mean))
        self.register_buffer("scale", torch.tensor(scale))
        inputs = (1, *CHANNELS[:-1])
        self.blocks = nn.ModuleList(
            nn.Sequential(nn.Conv2d(a, b, 3, stride=2 if a == 1 else 1, padding=1, bias=False), nn.BatchNorm2d(b))
            for a, b in zip(inputs, CHANNELS, strict=True)
        )
        self.squeeze = nn.Linear(CHANNELS[-1] * (BANDS >> BLOCKS), WIDTH)
        self.times = nn.ModuleList(nn.Conv1d(WIDTH, WIDTH, 3, padding=d, dilation=d) for d in DILATIONS)
        self.head = nn.Linear(WIDTH, classes)
        self.drop = nn.Dropout(0.2)

    def forward(self, frames: torch.Tensor) -> torch.Tensor:
        """Logits (batch, steps, classes) of log-mel frames (batch, frames, bands)."""
        hidden = ((frames - self.mean) / self.scale)[:, None].contiguous(memory_format=torch.channels_last)
        for n, block in enumerate(self.blocks):
            hidden = functional.relu(block(hidden))
            hidden = hidden if n == 0 else functional.max_pool2d(hidden, 2)
        flat = hidden.permute(0, 2, 3, 1).flatten(2)
        flat = self.drop(functional.relu(self.squeeze(flat))).transpose(1, 2)
        for time in self.times:
            flat = flat + functional.relu(time(flat))
        out: torch.Tensor = self.head(self.drop(flat.transpose(1, 2)))
        return out


def fit(frames: NDArray[np.float16], targets: NDArray[np.float32], *, epochs: int, seed: int) -> Net:
    """Train on segments, shapes (n, frames, bands) and (n, steps, classes); targets of -1 are not judged."""
    torch.manual_seed(seed)
    sample = frames[::10].astype(np.float32)
    net = Net(targets.shape[2], sample.mean(axis=(0, 1)), np.full(BANDS, sample.std(), np.float32))
    net = net.to(memory_format=torch.channels_last)
    optimiser = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-3)
    batch = 32
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 3e-3, total_steps=epochs * (len(frames) // batch) + 1)
    rng = np.random.default_rng(seed)
    net.train()
    for epoch in range(epochs):
        total = 0.0
        order = rng.permutation(len(frames))
        for start in range(0, len(order) - batch + 1, batch):
            rows = np.sort(order[start : start + batch])
            inputs = torch.from_numpy(_varied(frames[rows].astype(np.float32), rng))
            truth = torch.from_numpy(targets[rows])
            judged = (truth >= 0).float()
            judged[:, :EDGE_STEPS] = judged[:, -EDGE_STEPS:] = 0
            losses = functional.binary_cross_entropy_with_logits(net(inputs), truth.clamp(min=0), reduction="none")
            loss = (losses * judged).sum() / judged.sum()
            optimiser.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(net.parameters(), 2.0)
            optimiser.step()
            schedule.step()
            total += float(loss.detach())
        print(f"  epoch {epoch + 1}/{epochs}: loss {total / (len(order) // batch):.4f}", flush=True)
    return net.eval()


def _varied(frames: NDArray[np.float32], rng: np.random.Generator) -> NDArray[np.float32]:
    """The same segments through other lines: gain, a smooth change of colour, a slight shift of pitch, bands lost."""
    count, _, bands = frames.shape
    knots = rng.normal(0, 0.6, (count, 6))
    colour = np.stack([np.interp(np.linspace(0, 5, bands), np.arange(6), row) for row in knots])
    frames = frames + (rng.uniform(-2, 1, (count, 1)) + colour)[:, None].astype(np.float32)
    for segment in frames:
        shift = rng.integers(-1, 2)
        if shift:
            segment[:] = np.roll(segment, shift, axis=1)
        if rng.random() < 0.3:
            lost = rng.integers(0, bands - 6)
            segment[:, lost : lost + rng.integers(1, 7)] = segment.mean()
    return frames


def weights(net: Net) -> dict[str, NDArray[np.float16]]:
    """The arrays that audio.cnn.Network reads; batch normalisation folded into the convolutions."""
    out: dict[str, torch.Tensor] = {"mean": net.mean, "scale": net.scale}
    for n, block in enumerate(net.blocks):
        conv, norm = block[0], block[1]
        gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        out[f"block{n}.weight"] = (conv.weight * gain[:, None, None, None]).permute(2, 3, 1, 0).flatten(0, 2)
        out[f"block{n}.bias"] = norm.bias - norm.running_mean * gain
    out |= {"squeeze.weight": net.squeeze.weight.T, "squeeze.bias": net.squeeze.bias}
    for n, time in enumerate(net.times):
        out |= {f"time{n}.weight": time.weight.permute(2, 1, 0).flatten(0, 1), f"time{n}.bias": time.bias}
    out |= {"head.weight": net.head.weight.T, "head.bias": net.head.bias}
    return {name: tensor.detach().numpy().astype(np.float16) for name, tensor in out.items()}
