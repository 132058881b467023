"""Every failure a user can meet: one clear sentence and an exit code (`docs/exit-codes.md`)."""

from __future__ import annotations


class FraudnetError(Exception):
    """Something a user can act on; its text says what, which, got, expected and what to do.

    `text` is English with named places, such as "{path}: is not there; name a CSV or XLSX file", and `values` fill
    them, so that the failure can be told in another language (`messages/commands`). Neither holds a personal value.
    `exit_code` is what the process ends with.
    """

    exit_code = 70

    def __init__(self, text: str = "", /, **values: object) -> None:
        super().__init__(text.format(**values) if values else text)
        self.text = text
        self.values = values


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


class UntrustedModelError(FraudnetError):
    """A model folder carries no signature, or none by a key that is trusted here."""

    exit_code = 17


class TamperedError(FraudnetError):
    """A package was cut, changed, or is none."""

    exit_code = 20


class SignatureMissingError(FraudnetError):
    """A package carries no signature."""

    exit_code = 21


class WrongKeyError(FraudnetError):
    """A package or answer was signed with a key that nobody here trusts."""

    exit_code = 22


class WrongRecipientError(FraudnetError):
    """A package was made for somebody else."""

    exit_code = 23


class ReplayedError(FraudnetError):
    """This very package was opened before."""

    exit_code = 24


class OlderSequenceError(FraudnetError):
    """A later package of the same sender was opened before this one."""

    exit_code = 25


class ExpiredError(FraudnetError):
    """A package may no longer be acted on."""

    exit_code = 26


class UnsafePackageError(FraudnetError):
    """A package would unpack to too much, or outside its folder."""

    exit_code = 27


class SecondPersonError(FraudnetError):
    """Another person must confirm first."""

    exit_code = 28


class HarmError(FraudnetError):
    """Lists did more harm than the settings allow; nothing was published."""

    exit_code = 29


class BusyError(FraudnetError):
    """Another process is making the same run."""

    exit_code = 75
