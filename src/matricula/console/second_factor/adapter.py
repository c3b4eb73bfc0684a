"""What allauth asks of second factors: how secrets are stored, and what things are called."""

import base64
from functools import cache
from typing import Any, ClassVar

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from matricula.console.second_factor.required import has_another, is_required

WRONG_CODE = gettext_lazy("This code is wrong, or was used already. Enter the next one that your app shows.")


@cache
def _fernet(key: str) -> Fernet:
    derived = HKDF(SHA256(), 32, None, b"matricula.second_factor").derive(key.encode())
    return Fernet(base64.urlsafe_b64encode(derived))


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets are encrypted with a key of ``SECRET_KEY``: who has the database alone can't make codes."""

    error_messages: ClassVar[dict[str, Any]] = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": WRONG_CODE,
        "cannot_delete_authenticator": gettext_lazy("Your role requires a second factor. Set up another one first."),
    }

    def encrypt(self, text: str) -> str:
        """As it is stored."""
        return _fernet(settings.SECRET_KEY).encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """As it is."""
        return _fernet(settings.SECRET_KEY).decrypt(encrypted_text.encode()).decode()

    def _get_user_identifier(self, user: Any) -> str:
        """The username: what an app shows may be seen by others."""
        return str(user.username)

    def generate_authenticator_name(self, user: Any, type: Any) -> str:
        """A name to begin with."""
        number = Authenticator.objects.filter(user_id=user.pk, type=type).count() + 1
        return _("Security key %(number)d") % {"number": number}

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Not the last one of someone who needs one."""
        return not is_required(authenticator.user) or has_another(authenticator)

    def send_notification_mail(self, *_args: Any, **_rest: Any) -> None:
        """None: mail goes through the table of outgoing mail."""
