"""Tables and constraints; no verbs."""

from mockint.models.account import (
    CandidateProfile,
    InterviewerProfile,
    Login,
    OneTimeLink,
    Person,
    PersonRole,
    Role,
)
from mockint.models.availability import AvailabilityException, AvailabilityRule, CalendarStamp
from mockint.models.booking import Booking, Invitation, Occupancy, SlotRequest
from mockint.models.busytime import BusyCalendar, BusyQuestion, BusyTime
from mockint.models.calibration import (
    CalibrationJob,
    CalibrationRun,
    CandidateLevel,
    RaterTendency,
)
from mockint.models.community import AuditEntry, ClockOffset, CommunitySetting, Heartbeat
from mockint.models.feed import CalendarFeed
from mockint.models.feedback import (
    Feedback,
    FeedbackScore,
    InterviewerRating,
    PracticeItem,
    PrivateReport,
    RubricSet,
)
from mockint.models.feedback_after import FeedbackAddendum, FeedbackWithdrawal, ToneDismissal
from mockint.models.inbox import Inbox
from mockint.models.kit import KitChoice, KitExposure, KitFlag, QuestionKit
from mockint.models.matching import BlockedPair, SlotPrice
from mockint.models.outbox import KeptMail, OutboxMessage
from mockint.models.progress import (
    PracticeSharing,
    ProgressShare,
    ProgressShareItem,
    SelfAssessment,
)
from mockint.models.reply import Reply
from mockint.models.round import (
    MatchingRound,
    RoundCapacity,
    RoundMatch,
    RoundPair,
    RoundRequest,
    RoundResult,
)

__all__ = [
    "AuditEntry",
    "AvailabilityException",
    "AvailabilityRule",
    "BlockedPair",
    "Booking",
    "BusyCalendar",
    "BusyQuestion",
    "BusyTime",
    "CalendarFeed",
    "CalendarStamp",
    "CalibrationJob",
    "CalibrationRun",
    "CandidateLevel",
    "CandidateProfile",
    "ClockOffset",
    "CommunitySetting",
    "Feedback",
    "FeedbackAddendum",
    "FeedbackScore",
    "FeedbackWithdrawal",
    "Heartbeat",
    "Inbox",
    "InterviewerProfile",
    "InterviewerRating",
    "Invitation",
    "KeptMail",
    "KitChoice",
    "KitExposure",
    "KitFlag",
    "Login",
    "MatchingRound",
    "Occupancy",
    "OneTimeLink",
    "OutboxMessage",
    "Person",
    "PersonRole",
    "PracticeItem",
    "PracticeSharing",
    "PrivateReport",
    "ProgressShare",
    "ProgressShareItem",
    "QuestionKit",
    "RaterTendency",
    "Reply",
    "Role",
    "RoundCapacity",
    "RoundMatch",
    "RoundPair",
    "RoundRequest",
    "RoundResult",
    "RubricSet",
    "SelfAssessment",
    "SlotPrice",
    "SlotRequest",
    "ToneDismissal",
]
