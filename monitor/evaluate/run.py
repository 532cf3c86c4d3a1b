"""Judges labelled calls as any other call is judged, and puts the findings beside the labels."""

from monitor.analyze import Analyzer, Options, Progress
from monitor.evaluate.judged import Judged, beside
from monitor.evaluate.labels import LabelledCall


def judge(
    call: LabelledCall, analyzer: Analyzer, *, written: bool = False, progress: Progress = lambda *_: None
) -> Judged:
    """One call, heard from its recording if there is one and not `written`, else judged by its turns as written.

    Raises:
        BadInput: the recording cannot be analysed.
        ModelMissing: a model that is needed is not installed.
    """
    source = call.path if written or call.recording is None else call.recording
    options = Options(language=call.language or None, call_id=call.call_id)
    return beside(call, analyzer.analyze(source, options, progress))
