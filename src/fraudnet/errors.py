"""Every failure a user can meet: one clear sentence and an exit code (`docs/exit-codes.md`)."""

from __future__ import annotations


class FraudnetError(Exception):
    """Something a user can act on; its text says what, which, got, expected and what to do.

    The text never holds a personal value. `exit_code` is what the process ends with.
    """

    exit_code = 70


class InputError(FraudnetError):
    """A file, table, column or value of a drop is not what its contract asks for."""

    exit_code = 65


class MissingInputError(FraudnetError):
    """A file, folder, run or model that was named is not there."""

    exit_code = 66


class ConfigurationError(FraudnetError):
    """A mapping file or a setting says something that cannot be followed."""

    exit_code = 78


class WriteFailedError(FraudnetError):
    """A result could not be written; what stood there before still stands."""

    exit_code = 74


class IntegrityError(FraudnetError):
    """The bytes of a file are not the ones its manifest names."""

    exit_code = 76


class LeakError(FraudnetError):
    """A column tells the outcome; training on it would fool everybody."""

    exit_code = 10


class TooFewLabelsError(FraudnetError):
    """There are not enough decided entities to train or to measure."""

    exit_code = 11


class ModelMismatchError(FraudnetError):
    """A model and the features offered to it differ in name, order or type."""

    exit_code = 12


class ListRefusedError(FraudnetError):
    """A flagged list breaks a rule of its format; nothing was published."""

    exit_code = 13


class GateRefusedError(FraudnetError):
    """A challenger did not pass the gate; the champion stays."""

    exit_code = 14


class TooLittleDataError(FraudnetError):
    """A source brought less than its mapping expects at the least."""

    exit_code = 15


class AttentionError(FraudnetError):
    """Monitoring finished and found something that somebody must look at."""

    exit_code = 16


class BusyError(FraudnetError):
    """Another process is making the same run."""

    exit_code = 75
