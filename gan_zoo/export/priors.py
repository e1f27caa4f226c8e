"""What an export's noise is drawn from."""

from typing import Any

from gan_zoo import latents
from gan_zoo.errors import UserError
from gan_zoo.export.description import Description


def priors(about: Description) -> tuple[dict[str, Any], ...]:
    """Of all numbers of the noise, block by block, as Latent.priors tells.

    An export of an older version has them by its flags. Raises UserError if there are none, or of another latent.
    """
    spec = (about.metadata.get("flags") or {}).get("latent")
    if about.priors or not isinstance(spec, str):
        if not about.priors:
            raise UserError("this export does not say what its noise is drawn from; export it again")
        return about.priors
    try:
        latent = latents.build(spec)
    except UserError as error:
        raise UserError(f"--latent={spec} of this export can't be read here: {error}") from None
    if latent.size != about.latent_size:
        raise UserError(f"--latent={spec} of this export has not the {about.latent_size} numbers of its noise")
    return latent.priors()
