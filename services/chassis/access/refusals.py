"""Why somebody is not let in: who they are is not shown (401), or it is and does not suffice (403)."""

import math


class AccessRefused(Exception):
    """Not let in; ``sentence`` says why and what to do, and repeats nothing that was sent."""

    sentence = "You may not do this."

    def __init__(self, sentence: str | None = None) -> None:
        self.sentence = sentence or type(self).sentence
        super().__init__(self.sentence)


class TokenRefused(AccessRefused):
    """The token does not show who is asking."""

    sentence = "The access token cannot be used: sign in again."


class TokenMissing(TokenRefused):
    """There is none."""

    sentence = "An access token is needed: send it as 'Authorization: Bearer <token>'."


class TokenMalformed(TokenRefused):
    """It is no signed token with the claims of this platform."""

    sentence = "The access token is not a signed token of this platform: sign in again."


class TokenForged(TokenRefused):
    """Nobody whom we trust has signed it."""

    sentence = "The access token is not signed by a key that is trusted here: sign in again."


class TokenExpired(TokenRefused):
    """Its time is over."""

    sentence = "The access token has expired: sign in again."


class TokenEndless(TokenRefused):
    """It would be valid for longer than any token may be."""

    sentence = "The access token is valid for more than 400 days: let the issuer make one that ends sooner."


class TokenForeign(TokenRefused):
    """It is from another issuer, or for another audience."""

    sentence = "The access token was made by or for another system: sign in here."


class RoleRefused(AccessRefused):
    """The role is not granted the permission."""

    def __init__(self, permission: str) -> None:
        super().__init__(f"Your role does not allow you to {permission}: ask somebody whose role does.")


class RateExceeded(AccessRefused):
    """A principal has sent more requests than its limit.

    Attributes:
        retry_after: whole seconds until a request is taken again.
    """

    def __init__(self, seconds: float) -> None:
        self.retry_after = math.ceil(seconds)
        super().__init__(
            f"You have sent more requests than are taken: wait {self.retry_after} s and send it again, with the same "
            "key."
        )


class ScopeMissing(AccessRefused):
    """The role is granted the permission within a scope that the token does not have."""

    def __init__(self, permission: str, scope: str) -> None:
        super().__init__(f"To {permission}, your access token has to name your {scope}: sign in again with one.")


class OutsideScope(AccessRefused):
    """It lies outside the places, the organisation or the person that the token is for."""

    sentence = "This lies outside what you are responsible for: ask somebody who is responsible for it."
