"""Words, who said them, and when: beside the plain use of the same models."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from audio.channels import find_layout
from audio.decode import decode
from audio.facts import Span, Turn
from audio.hear import Ears, hear
from audio.ports import SideSpan
from benchmarks.baselines import plain_segments, plain_whisper, stock_pyannote, word_errors
from monitor.analyze import Analyzer, Options
from monitor.evaluate.statistics import grouped_interval, mean_interval
from monitor.settings import Settings
from training.quality.results import Beside, Result, Row

WORDS, WORDS_BY_HAND = "recordings/notification-emails.mono-8k.wav", "recordings/notification-emails.srt"
ROLES = {"CSR": "agent", "Customer": "customer"}
STEREO = "recordings/auto-repairs-40.stereo-8k.flac"
NEAR_S = 1.5
"""A turn's start is compared with an onset of energy that is no further away."""


def words(shared: Path, scratch: Path) -> Result:  # noqa: ARG001
    """Word error rate, and the roles of words, on a mono call that was transcribed by hand."""
    data = shared / "data"
    reference = subtitles(data / WORDS_BY_HAND)
    expected = plain(" ".join(text for _, _, text in reference))
    facts = Analyzer(Settings()).hear(data / WORDS, Options()).facts
    with decode(data / WORDS) as recording:
        samples = recording.channel(0).read(0, recording.duration_s)
    baseline = plain(" ".join(word.text for word in plain_whisper()(samples)))
    heard = plain(" ".join(turn.text for turn in facts.turns))
    errors, plainly = (word_errors(expected, found) / len(expected) for found in (heard, baseline))
    right = right_role(facts.turns, reference)
    on = f"notification-emails ({len(expected)} words)"
    return Result(
        part="words",
        title="Words",
        data="A mono call with words, times and speakers by hand (Callytics, GPL-3.0). It measures alone.",
        rows=[
            Row("words", on, "word error rate", errors, beside=[Beside("plain faster-whisper base", plainly)], reach=plainly, lower=True),
            Row("role of each word, in mono", on, "share right", right, reach=0.95),
        ],
        notes=["One call. Its roles were not told: who is the agent is found from the voices and from what they say."],
    )  # fmt: skip


def times(shared: Path, scratch: Path) -> Result:  # noqa: ARG001
    """Where turns of a real stereo call begin, against the energy of their channel."""
    with decode(shared / "data" / STEREO) as recording:
        plan = find_layout(recording)
        facts = hear(recording, plan, Ears())
        sides = {side: reader.read(0, recording.duration_s) for side, reader in plan.tracks.items()}
    transcribe = plain_segments()
    late = [_from_onset(turn.start_s, sides[turn.speaker]) for turn in facts.turns]
    plainly = [
        _from_onset(segment.start_s, samples) for samples in sides.values() for segment, _ in transcribe(samples)
    ]
    errors, others = ([abs(seconds) for seconds in found if seconds is not None] for found in (late, plainly))
    return Result(
        part="times",
        title="Times of turns",
        data="A real two-sided call (AWS Live Call Analytics samples, Apache-2.0).",
        rows=[
            Row(
                "turn starts against the rise of energy in their channel",
                f"auto-repairs-40 ({len(errors)} of {len(facts.turns)} turns have a rise within {NEAR_S} s)",
                "median error, s",
                float(np.median(errors)),
                interval=grouped_interval(lambda rows: float(np.median(rows)), [np.array([one]) for one in errors]),
                beside=[Beside("segments of plain faster-whisper", float(np.median(others)))],
                reach=0.3,
                lower=True,
            ),
            Row("the same", "auto-repairs-40", "90th percentile, s", float(np.percentile(errors, 90)), lower=True,
                beside=[Beside("segments of plain faster-whisper", float(np.percentile(others, 90)))]),
        ],
    )  # fmt: skip


def diarization(shared: Path, scratch: Path) -> Result:  # noqa: ARG001
    """Diarization error rate on a telephone call and on meetings; no collar, overlap scored."""
    from pyannote.core import Annotation, Segment
    from pyannote.database.util import load_rttm, load_uem
    from pyannote.metrics.diarization import DiarizationErrorRate

    data, package = shared / "data" / "diarization", find_spec("pyannote.audio")
    assert package is not None
    assert package.origin is not None
    sample = Path(package.origin).parent / "sample"
    references = load_rttm(sample / "sample.rttm") | load_rttm(data / "train.rttm")
    regions = load_uem(data / "train.uem")
    files = {"sample": sample / "sample.wav"} | {path.stem: path for path in sorted(data.glob("*.flac"))}
    ears, stock = Ears(), stock_pyannote()
    metrics = {"heard": DiarizationErrorRate(), "stock": DiarizationErrorRate()}

    def annotated(spans: Sequence[SideSpan]) -> Annotation:
        annotation = Annotation()
        for number, span in enumerate(spans):
            annotation[Segment(span.start_s, span.end_s), number] = span.side
        return annotation

    table = {}
    for name, path in files.items():
        with decode(path) as recording:
            channel = recording.channel(0)
            whole = [Span(start_s=0.0, end_s=channel.duration_s)]
            found = {
                "heard": ears.diarizer.diarize(channel, whole, speakers=None),
                "stock": stock(channel.read(0, channel.duration_s)),
            }
        table[name] = [
            metrics[who](references[name], annotated(spans), uem=regions.get(name)) for who, spans in found.items()
        ]
        print(f"  {name}: {table[name][0]:.3f}, stock {table[name][1]:.3f}", flush=True)
    meetings = np.array([row for name, row in table.items() if name != "sample"])
    telephone = table["sample"]
    on = "pyannote.audio's telephone sample"
    return Result(
        part="diarization",
        title="Who speaks when",
        data="pyannote.audio's own sample and test excerpts of meetings (MIT); no collar, overlap scored.",
        rows=[
            Row("speakers", on, "diarization error rate", telephone[0], beside=[Beside("stock pipeline", telephone[1])],
                reach=telephone[1], lower=True),
            Row("speakers", f"{len(meetings)} meeting excerpts, the mean of them", "diarization error rate", float(meetings[:, 0].mean()),
                interval=mean_interval(meetings[:, 0].tolist()),
                beside=[Beside("stock pipeline", float(meetings[:, 1].mean()), mean_interval(meetings[:, 1].tolist()))],
                reach=float(meetings[:, 1].mean()), lower=True),
        ],
        notes=["Both sides use the same two models (pyannote segmentation-3.0 and CAM++) and find the number of speakers themselves."],
        tables={"Each excerpt": [["excerpt", "heard", "stock"], *([name, *(f"{v:.3f}" for v in row)] for name, row in table.items())]},
    )  # fmt: skip


def plain(text: str) -> list[str]:
    """Words for comparison: lower case, no punctuation."""
    return re.findall(r"[\w']+", text.lower().replace("\u2019", "'"))


def subtitles(path: Path) -> list[tuple[str, Span, str]]:
    """Speaker, time and text of every subtitle "[Name] text"."""
    found = []
    for block in path.read_text("utf-8").split("\n\n"):
        times = re.search(r"(\S+) --> (\S+)", block)
        said = re.search(r"\[(\w+)\](.*)", block, re.DOTALL)
        if times and said:
            start, end = (_seconds(time) for time in times.groups())
            found.append((said[1], Span(start_s=start, end_s=end), " ".join(said[2].split())))
    return found


def right_role(turns: Sequence[Turn], reference: Sequence[tuple[str, Span, str]]) -> float:
    """Share of the words that stand with the right role, by who speaks at their middle as it was written by hand."""
    right = []
    for turn in turns:
        for word in turn.words:
            middle = (word.start_s + word.end_s) / 2
            speaker, _, _ = min(reference, key=lambda one: max(one[1].start_s - middle, middle - one[1].end_s))
            right.append(ROLES[speaker] == turn.speaker)
    return float(np.mean(right))


def _seconds(time: str) -> float:
    hours, minutes, seconds = time.replace(",", ".").split(":")
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)


def _from_onset(start_s: float, samples: np.ndarray) -> float | None:
    """Seconds from the channel's nearest rise out of at least 0.3 s of quiet to a start; None without one within NEAR_S."""
    frame_s = 0.02
    frames = samples[: len(samples) // 320 * 320].reshape(-1, 320)
    levels = 10 * np.log10(np.square(frames).mean(axis=1) + 1e-12)
    loud = levels > np.percentile(levels, 98) - 30
    onsets = [i for i in np.flatnonzero(np.diff(loud.astype(int)) == 1) + 1 if not loud[max(0, i - 15) : i].any()]
    near = [start_s - i * frame_s for i in onsets if abs(start_s - i * frame_s) < NEAR_S]
    return min(near, key=abs, default=None)
