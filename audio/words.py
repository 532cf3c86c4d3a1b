"""Speech to words: Whisper, run over windows of packed speech in batches on all cores."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Any

from audio import models
from audio.edges import Edges
from audio.encoding import FRAMES_PER_S, encoded, features_of
from audio.facts import Word
from audio.hygiene import cut_loops, without_phantoms
from audio.packing import Window, pack, within_speech
from audio.ports import Samples, Track, Transcript
from audio.spelling import is_unspaced, join_words, whole_words

if TYPE_CHECKING:
    from faster_whisper import WhisperModel
    from faster_whisper.tokenizer import Tokenizer

BEAM = 3
"""As good as 5 on every call that was transcribed by hand, and a quarter less work in the decoder."""
BATCH = 4
"""Windows decoded together: enough to use the arithmetic units, few enough to bound memory."""
COMPRESSION_RATIO = 2.4
"""Text that compresses better than this repeats itself (Radford et al. 2022, section 4.5)."""
MEAN_LOG_PROBABILITY = -1.0
"""Below this mean log probability a window is decoded anew (same source)."""
NO_SPEECH = 0.6
"""Above this probability of no speech, a window that is doubtful is empty. (The same source has it so where the words are
unlikely; loops are likely, and are what is heard into ringing. Windows of real calls lie below 0.45.)"""
AGAIN = {"no_repeat_ngram_size": 4, "repetition_penalty": 1.1}
"""How a doubtful window is read once more. Whisper's authors sample at random here; this gives the same words each time."""
TOKENS_PER_S = 12
TOKENS_AT_LEAST = 40
"""Nobody speaks faster: a reading that reaches this length is a loop, and need not be followed to its end."""
ENCODING_S = 7.0
"""A window is encoded in the time in which so many seconds of speech are read (base, int8: 1 s and 0.14 s a second)."""
LANGUAGE_WINDOWS = 4
"""Windows whose language votes, summed, decide the language of a call."""
_PREPEND = "\"'“¿([{-"
_APPEND = "\"'.。,，!！?？:：”)]}、"
_SIMPLIFIED = "以下是普通话的句子。"
"""Whisper writes Mandarin in either script; a first sentence in one of them makes it keep to that one."""


@dataclass(frozen=True)
class _Reading:
    """What Whisper read in one window."""

    tokens: tuple[int, ...]
    log_probability: float
    """Mean over the tokens."""
    no_speech: float
    """Probability that nobody speaks."""
    text: str

    @property
    def repeats(self) -> bool:
        return _compression(self.text) > COMPRESSION_RATIO

    @property
    def doubtful(self) -> bool:
        return self.repeats or self.log_probability < MEAN_LOG_PROBABILITY

    @property
    def empty(self) -> bool:
        return not self.text.strip() or (self.no_speech > NO_SPEECH and self.doubtful)


class WhisperTranscriber:
    """Words of a call by faster-whisper.

    model: a Whisper size, or the folder of a CTranslate2 model
    allow_hub: whether a size that is not installed may be fetched from the hub
    threads: processor cores to use; all that this process may use if None
    at_once: how many batches are read at the same time, the cores shared out among them; one a core if None, which takes
        the least time in all, while few at once give each of them soonest
    beam: width of the beam search
    """

    def __init__(
        self,
        model: str = "base",
        *,
        allow_hub: bool = False,
        threads: int | None = None,
        at_once: int | None = None,
        beam: int = BEAM,
    ) -> None:
        found = models.find_whisper(model, allow_hub=allow_hub)
        self.name = found.name
        self._path = str(found.path)
        self._allow_hub = allow_hub
        self._threads = threads or models.cores()
        self._at_once = min(at_once or self._threads, self._threads)
        self._beam = beam
        self._loaded: WhisperModel | None = None

    def transcribe(
        self,
        tracks: Sequence[Track],
        *,
        language: str | None = None,
        progress: Callable[[float], None] | None = None,
    ) -> tuple[Transcript, ...]:
        """Words of each channel of one call, in time order; the language is found over all channels together."""
        windows = [window for i, track in enumerate(tracks) for window in pack(i, track.channel, track.speech)]
        if not windows:
            return tuple(Transcript(language=language or "", words=()) for _ in tracks)
        words: list[list[Word]] = [[] for _ in tracks]
        done, total = 0.0, sum(window.duration_s for window in windows)
        batches = self._batches(tracks, windows)
        with ThreadPoolExecutor(self._at_once) as pool:
            reader = _Reader(self._model(), language or self._find_language(pool, batches), self._beam)
            batches.sort(key=_Batch.work, reverse=True)  # the short ones last, so that no core idles long at the end
            for batch, heard in zip(batches, pool.map(reader.read, batches), strict=True):
                for window, found in zip(batch.windows, heard, strict=True):
                    words[window.track].extend(found)
                    done += window.duration_s
                if progress:
                    progress(done / total)
        return tuple(
            Transcript(language=reader.language, words=_in_order(within_speech(said, track.speech)))
            for said, track in zip(words, tracks, strict=True)
        )

    def detect_language(self, tracks: Sequence[Track]) -> str:
        """The language (ISO 639-1) of a call, by its first good stretches of speech; "" where nobody speaks."""
        windows = [window for i, track in enumerate(tracks) for window in pack(i, track.channel, track.speech)]
        if not windows:
            return ""
        with ThreadPoolExecutor(self._at_once) as pool:
            return self._find_language(pool, self._batches(tracks, windows))

    def _model(self) -> WhisperModel:
        if self._loaded is None:
            models.stay_offline(allow_hub=self._allow_hub)
            import ctranslate2
            from faster_whisper import WhisperModel

            device = "cuda" if ctranslate2.get_cuda_device_count() else "cpu"
            # With one thread each in as many workers as there are cores every core is kept busy: windows are
            # independent, while threads inside one decoder step wait for each other.
            self._loaded = WhisperModel(
                self._path,
                device=device,
                compute_type="float16" if device == "cuda" else "int8",
                cpu_threads=self._threads // self._at_once,
                num_workers=self._at_once,
            )
        return self._loaded

    def _batches(self, tracks: Sequence[Track], windows: Sequence[Window]) -> list[_Batch]:
        """The windows in batches, enough of them to keep all cores busy; first those that tell the language."""
        first = _first_good(windows, len(tracks))
        others = sorted((window for window in windows if window not in first), key=lambda window: -window.duration_s)
        size = min(BATCH, max(1, len(windows) // (2 * self._at_once)))
        return [
            _Batch(self._model(), tracks, group[i : i + size])
            for group in (first, others)
            for i in range(0, len(group), size)
        ]

    def _find_language(self, pool: ThreadPoolExecutor, batches: Sequence[_Batch]) -> str:
        model = self._model().model
        if not model.is_multilingual:
            return "en"
        votes: dict[str, float] = {}
        voters = -(-LANGUAGE_WINDOWS // len(batches[0].windows))
        for batch in pool.map(_Batch.encode, batches[:voters]):
            for window, guesses in zip(batch.windows, model.detect_language(batch.encoded), strict=True):
                for token, probability in guesses:
                    votes[token] = votes.get(token, 0.0) + probability * window.duration_s
        return max(votes, key=lambda token: votes[token])[2:-2]


class _Batch:
    """Windows that go through the network together, encoded once."""

    def __init__(self, model: WhisperModel, tracks: Sequence[Track], windows: Sequence[Window]) -> None:
        self.windows = windows
        self.opening = tracks[windows[0].track].opening if len(windows) == 1 else ()
        """What is known to be said first; only what fits into one window has such a beginning."""
        self.encoded: Any = None
        self._model = model
        self._tracks = tracks

    def sound(self, index: int) -> Samples:
        """The samples of one of the windows."""
        window = self.windows[index]
        return window.read(self._tracks[window.track].channel)

    def encode(self) -> _Batch:
        """Compute the encoder's output, unless that was done before; returns the batch itself."""
        if self.encoded is None:
            sounds = [self.sound(i) for i in range(len(self.windows))]
            self.encoded = encoded(self._model, features_of(self._model, sounds))
        return self

    def work(self) -> float:
        """What is to be done for it yet, in seconds of speech to read."""
        encoding_s = 0.0 if self.encoded is not None else ENCODING_S * len(self.windows)
        return encoding_s + sum(window.duration_s for window in self.windows)

    def forget(self) -> None:
        """Free the encoder's output."""
        self.encoded = None


class _Reader:
    """Reads batches in one language; used by several threads at once."""

    def __init__(self, model: WhisperModel, language: str, beam: int) -> None:
        from faster_whisper.tokenizer import Tokenizer
        from faster_whisper.transcribe import get_suppressed_tokens

        self.language = language if model.model.is_multilingual else "en"
        self._model = model
        self._beam = beam
        self._tokenizer: Tokenizer = Tokenizer(
            model.hf_tokenizer, model.model.is_multilingual, task="transcribe", language=self.language
        )
        self._suppressed = get_suppressed_tokens(self._tokenizer, [-1])
        start = self._tokenizer.encode(_SIMPLIFIED) if self.language == "zh" else []
        self._prompt = model.get_prompt(self._tokenizer, start, without_timestamps=True)

    def read(self, batch: _Batch) -> list[list[Word]]:
        """The words of each window, with times in the call."""
        opening = self._tokens(batch.opening)
        readings = self._generate(batch.encode().encoded, batch.windows, opening)
        for i, reading in enumerate(readings):
            if reading.doubtful and not reading.empty:
                readings[i] = self._read_again(batch, i, reading)
        words = self._align(batch, readings, len(opening))
        batch.forget()
        return [[] if reading.empty else heard for reading, heard in zip(readings, words, strict=True)]

    def _tokens(self, words: Sequence[str]) -> list[int]:
        text = join_words(words)
        tokens: list[int] = self._tokenizer.encode(text if not text or is_unspaced(text[0]) else f" {text}")
        return tokens

    def _generate(
        self, encoded: Any, windows: Sequence[Window], opening: Sequence[int] = (), **options: Any
    ) -> list[_Reading]:
        longest_s = max(window.duration_s for window in windows)
        tokens = len(self._prompt) + TOKENS_AT_LEAST + int(TOKENS_PER_S * longest_s)
        results = self._model.model.generate(
            encoded,
            [[*self._prompt, *opening]] * len(windows),
            beam_size=self._beam,
            patience=1 / self._beam
            if opening
            else 1.0,  # after a given beginning, other ways to go on rarely come to an end
            max_length=min(self._model.max_length, tokens),
            return_scores=True,
            return_no_speech_prob=True,
            suppress_blank=True,
            suppress_tokens=self._suppressed,
            **options,
        )
        return [self._reading(result) for result in results]

    def _reading(self, result: Any) -> _Reading:
        tokens = tuple(result.sequences_ids[0])
        mean = result.scores[0] * len(tokens) / (len(tokens) + 1)
        return _Reading(tokens, mean, result.no_speech_prob, self._tokenizer.decode(list(tokens)))

    def _read_again(self, batch: _Batch, index: int, first: _Reading) -> _Reading:
        """Another reading of a doubtful window if that is less doubtful, else the first one."""
        window = batch.windows[index]
        alone = encoded(self._model, features_of(self._model, [batch.sound(index)]))
        [second] = self._generate(alone, [window], (), **AGAIN)
        if first.repeats != second.repeats:
            return second if first.repeats else first
        return max(first, second, key=lambda reading: reading.log_probability)

    def _align(self, batch: _Batch, readings: Sequence[_Reading], known: int) -> list[list[Word]]:
        """Word times by dynamic time warping over the cross-attention, as faster-whisper finds them; those of so many tokens
        that were known before are left out."""
        from faster_whisper.transcribe import merge_punctuations

        texts = [[token for token in reading.tokens if token < self._tokenizer.eot] for reading in readings]
        frames = [int(window.duration_s * FRAMES_PER_S) for window in batch.windows]
        alignments = self._model.find_alignment(self._tokenizer, texts, batch.encoded, frames)
        heard = []
        for i, alignment in enumerate(alignments):
            merge_punctuations(alignment, _PREPEND, _APPEND)
            pieces = _to_call(batch.windows[i], _after(alignment, known), Edges(batch.sound(i)))
            heard.append(without_phantoms(cut_loops(whole_words(pieces))))
        return heard


def _after(alignment: Sequence[dict[str, Any]], tokens: int) -> Sequence[dict[str, Any]]:
    """The words that begin after so many tokens."""
    ends = accumulate(len(item["tokens"]) for item in alignment)
    return [item for item, end in zip(alignment, ends, strict=True) if end - len(item["tokens"]) >= tokens]


def _to_call(window: Window, alignment: Sequence[dict[str, Any]], edges: Edges) -> Iterator[Word]:
    for item in alignment:
        if item["word"]:
            start, end = window.to_call(*edges.trim(float(item["start"]), float(item["end"])))
            yield Word(text=item["word"], start_s=start, end_s=end, confidence=float(item["probability"]))


def _in_order(words: Sequence[Word]) -> tuple[Word, ...]:
    return tuple(sorted(words, key=lambda word: word.start_s))


def _first_good(windows: Sequence[Window], tracks: int) -> list[Window]:
    """The longest of each channel's first windows, since a language is not told from one "hello"."""
    early = [w for i in range(tracks) for w in [w for w in windows if w.track == i][:LANGUAGE_WINDOWS]]
    return sorted(early, key=lambda window: -window.duration_s)[:LANGUAGE_WINDOWS]


def _compression(text: str) -> float:
    data = text.encode()
    return len(data) / len(zlib.compress(data)) if data else 0.0
