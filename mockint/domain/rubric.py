"""The vocabulary of an interview: tracks, target levels and the versioned rubric set."""

from __future__ import annotations

TRACKS: dict[str, str] = {
    "coding": "Coding & data structures",
    "system_design": "System design",
    "testing": "Testing & debugging",
    "ml_concepts": "ML concepts",
    "ml_system_design": "ML system design",
    "behavioural": "Behavioural & communication",
}
"""Key to name, in the order people choose from."""

LEVELS: dict[str, str] = {"entry": "Entry", "mid": "Mid", "senior": "Senior", "staff": "Staff"}
"""Target levels from low to high."""

LANGUAGES: dict[str, str] = {
    "en": "English",
    "ar": "العربية",
    "de": "Deutsch",
    "es": "Español",
    "fr": "Français",
    "hi": "हिन्दी",
    "it": "Italiano",
    "ja": "日本語",
    "ko": "한국어",
    "ne": "नेपाली",
    "nl": "Nederlands",
    "pl": "Polski",
    "pt": "Português",
    "sw": "Kiswahili",
    "tr": "Türkçe",
    "uk": "Українська",
    "zh": "中文",
}
"""Languages an interview can be held in, by ISO 639-1 code."""
