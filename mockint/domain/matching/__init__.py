"""Who may interview whom, who suits best, and why, in words.

A suggestion is a sum of named parts; the sentence a candidate reads is made from the largest.
"""

from mockint.domain.matching.eligibility import (
    FILTERS,
    LOAD_DAYS,
    PRACTICE_DAYS,
    Candidate,
    Ineligible,
    Interviewer,
    Request,
    common_language,
    company_key,
    eligible,
    same_company,
)
from mockint.domain.matching.priority import HIGHEST, RoundEnd, priority
from mockint.domain.matching.quality import (
    DEFAULT_WEIGHTS,
    NEUTRAL,
    PARTS,
    Judge,
    Suggestion,
    expertise,
    level_fit,
    load,
    parts,
    quality,
    rank,
    ranked,
    variety,
    weighted,
    zone_comfort,
)
from mockint.domain.matching.words import Nothing, Words, sentence, why_nothing

__all__ = [
    "DEFAULT_WEIGHTS",
    "FILTERS",
    "HIGHEST",
    "LOAD_DAYS",
    "NEUTRAL",
    "PARTS",
    "PRACTICE_DAYS",
    "Candidate",
    "Ineligible",
    "Interviewer",
    "Judge",
    "Nothing",
    "Request",
    "RoundEnd",
    "Suggestion",
    "Words",
    "common_language",
    "company_key",
    "eligible",
    "expertise",
    "level_fit",
    "load",
    "parts",
    "priority",
    "quality",
    "rank",
    "ranked",
    "same_company",
    "sentence",
    "variety",
    "weighted",
    "why_nothing",
    "zone_comfort",
]
