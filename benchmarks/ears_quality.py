"""How well words, their speakers and their times are heard, beside the plain use of the same models."""

from __future__ import annotations

import argparse
import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from baselines import plain_whisper, stock_pyannote, word_errors

from audio.channels import find_layout
from audio.decode import decode
from audio.facts import Span, Turn
from audio.hear import Ears, hear
from audio.ports import SideSpan

WORDS = "recordings/notification-emails.mono-8k"
STEREO = "recordings/auto-repairs-40.stereo-8k.flac"


def plain(text: str) -> list[str]:
    """Words for comparison: lower case, no punctuation."""
    return re.findall(r"[\w']+", text.lower().replace("’", "'"))


def subtitles(path: Path) -> list[tuple[str, Span, str]]:
    """Speaker, time and text of every subtitle "[Name] text"."""
    found = []
    for block in path.read_text("utf-8").split("\n\n"):
        times = re.search(r"(\S+) --> (\S+)", block)
        if times:
            start, end = (_seconds(time) for time in times.groups())
            speaker, text = re.search(r"\[(\w+)\](.*)", block, re.DOTALL).groups()  # type: ignore[union-attr]
            found.append((speaker, Span(start_s=start, end_s=end), " ".join(text.split())))
    return found


def _seconds(time: str) -> float:
    hours, minutes, seconds = time.replace(",", ".").split(":")
    return 3600 * int(hours) + 60 * int(minutes) + float(seconds)


def right_speaker(turns: Sequence[Turn], reference: Sequence[tuple[str, Span, str]]) -> float:
    """Share of the words, by time, that stand with the right speaker, under the better naming of the two sides."""
    votes: dict[tuple[str, str], int] = {}
    for turn in turns:
        for word in turn.words:
            middle = (word.start_s + word.end_s) / 2
            speaker, _, _ = min(reference, key=lambda one: max(one[1].start_s - middle, middle - one[1].end_s))
            votes[turn.speaker, speaker] = votes.get((turn.speaker, speaker), 0) + 1
    sides, speakers = sorted({s for s, _ in votes}), sorted({s for _, s in votes})
    namings = (speakers, speakers[::-1])
    return max(sum(votes.get(pair, 0) for pair in zip(sides, names, strict=False)) for names in namings) / sum(
        votes.values()
    )


def words_table(data: Path, ears: Ears) -> None:
    """Word error rate, and speakers of words, on the call that was transcribed by hand."""
    reference = subtitles(data / f"{WORDS}.srt")
    expected = plain(" ".join(text for _, _, text in reference))
    with decode(data / f"{WORDS}.wav") as recording:
        facts = hear(recording, find_layout(recording), ears)
        samples = recording.channel(0).read(0, recording.duration_s)
    baseline = " ".join(word.text for word in plain_whisper()(samples))
    print("| notification-emails | word error rate | words with the right speaker |\n|---|---|---|")
    heard = " ".join(turn.text for turn in facts.turns)
    print(
        f"| heard | {word_errors(expected, plain(heard)) / len(expected):.3f} "
        f"| {right_speaker(facts.turns, reference):.3f} |"
    )
    print(f"| plain faster-whisper | {word_errors(expected, plain(baseline)) / len(expected):.3f} | |")


def diarization_table(data: Path, ears: Ears) -> None:
    """Diarization error rate on pyannote's telephone sample and the meeting excerpts; no collar, overlap scored."""
    from pyannote.core import Annotation, Segment
    from pyannote.database.util import load_rttm, load_uem
    from pyannote.metrics.diarization import DiarizationErrorRate

    package = find_spec("pyannote.audio")
    assert package is not None
    assert package.origin is not None
    sample = Path(package.origin).parent / "sample"
    references = load_rttm(sample / "sample.rttm") | load_rttm(data / "diarization" / "train.rttm")
    regions = load_uem(data / "diarization" / "train.uem")
    files = {"sample": sample / "sample.wav"} | {path.stem: path for path in (data / "diarization").glob("*.flac")}
    stock = stock_pyannote()
    errors = {"heard": DiarizationErrorRate(), "stock": DiarizationErrorRate()}

    def annotated(spans: Sequence[SideSpan]) -> Annotation:
        annotation = Annotation()
        for i, span in enumerate(spans):
            annotation[Segment(span.start_s, span.end_s), i] = span.side
        return annotation

    print("\n| recording | DER of heard | DER of stock pyannote.audio |\n|---|---|---|")
    for name, path in sorted(files.items()):
        with decode(path) as recording:
            channel = recording.channel(0)
            whole = [Span(start_s=0.0, end_s=channel.duration_s)]
            found = {
                "heard": ears.diarizer.diarize(channel, whole, speakers=None),
                "stock": stock(channel.read(0, channel.duration_s)),
            }
        row = [errors[side](references[name], annotated(spans), uem=regions.get(name)) for side, spans in found.items()]
        print(f"| {name} | {row[0]:.3f} | {row[1]:.3f} |", flush=True)
    print(f"| all | {abs(errors['heard']):.3f} | {abs(errors['stock']):.3f} |")


def starts_table(data: Path, ears: Ears) -> None:
    """Where turns of a real stereo call begin, against the energy of their channel."""
    with decode(data / STEREO) as recording:
        plan = find_layout(recording)
        facts = hear(recording, plan, ears)
        late = [_from_onset(turn, plan.tracks[turn.speaker].read(0, recording.duration_s)) for turn in facts.turns]
    late = [abs(seconds) for seconds in late if seconds is not None]
    print("\n| turns of auto-repairs-40 | median error of their starts, s | 90th percentile, s |\n|---|---|---|")
    print(f"| {len(late)} of {len(facts.turns)} | {np.median(late):.2f} | {np.percentile(late, 90):.2f} |")


def _from_onset(turn: Turn, samples: np.ndarray) -> float | None:
    """Seconds from the channel's rise out of at least 0.3 s of quiet, within 1.5 s, to the start of a turn."""
    frame_s = 0.02
    frames = samples[: len(samples) // 320 * 320].reshape(-1, 320)
    levels = 10 * np.log10(np.square(frames).mean(axis=1) + 1e-12)
    loud = levels > np.percentile(levels, 98) - 30
    onsets = [i for i in np.flatnonzero(np.diff(loud.astype(int)) == 1) + 1 if not loud[max(0, i - 15) : i].any()]
    near = [turn.start_s - i * frame_s for i in onsets if abs(turn.start_s - i * frame_s) < 1.5]
    return min(near, key=abs, default=None)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    options = parser.parse_args()
    ears = Ears()
    words_table(options.data, ears)
    starts_table(options.data, ears)
    diarization_table(options.data, ears)


if __name__ == "__main__":
    main()
