//! Why a command is refused, as public codes.

/// Refused, and nothing changed. The code is public and stays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Refusal {
    /// More units than advised, than are there, or than are left to be returned.
    QuantityExceedsAdvised,
    /// No unit, or no amount, is named.
    Nothing,
    /// Goods do not go that way.
    NoWay,
    /// The unit has left for good already.
    UnitAlreadyDisposed,
    /// The unit funds a refund, a credit or an exchange already.
    UnitAlreadyFunded,
    /// More than what was paid, or than what is left of it.
    RefundExceedsPaid,
    /// More than what is approved.
    RefundExceedsApproved,
    /// An earlier refund may have happened; nobody knows yet.
    RefundInDoubt,
    /// The goods are not yet where the policy asks them to be.
    TriggerNotReached,
    /// Refunds for goods not received would exceed their limit.
    ExposureExceeded,
    /// Two systems claim to decide.
    AuthorityAmbiguous,
    /// The marketplace decides; it is proposed there.
    AuthorityElsewhere,
    /// The order is not known.
    OrphanBlocks,
    /// Nobody is there to carry this disposition out.
    ExecutorMissing,
    /// The goods may not be destroyed without an exemption.
    ExemptionMissing,
    /// The units are held until a person lets them go.
    UnitsHeld,
    /// The grade does not allow that disposition.
    GradeForbids,
    /// The last day is over.
    PolicyWindowClosed,
    /// The last day is not over yet.
    NotExpired,
    /// The carrier has the parcel.
    LabelAlreadyScanned,
    /// Units are still in a parcel whose label is open.
    LabelOpen,
    /// No such label, or it names other units.
    UnknownLabel,
    /// No such line.
    UnknownLine,
    /// No such instruction, or another amount under its number.
    UnknownInstruction,
    /// The instruction is past that.
    InstructionPast,
    /// The law sets an earlier date.
    LegalDeadlineExceeded,
    /// Only a person may decide that.
    PersonRequired,
    /// Another person must decide that.
    OtherPersonRequired,
    /// Reason or evidence is missing.
    EvidenceMissing,
    /// The buyer may still appeal.
    AppealOpen,
    /// The buyer has not paid what the replacement costs more, or that is another amount.
    DifferenceDue,
    /// Refunds are on hold.
    RefundHeld,
    /// Fees and imposed credit are not allowed on a withdrawal.
    WithdrawalRight,
    /// The policy does not allow it.
    PolicyForbids,
    /// The key was used for another command.
    KeyReused,
    /// A defect of ours: the command is not taken, nothing changed.
    Inconsistent,
    /// An operator has to agree first.
    NeedsOperator,
}

impl Refusal {
    /// The public code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::QuantityExceedsAdvised => "QUANTITY_EXCEEDS_ADVISED",
            Self::Nothing => "NOTHING_NAMED",
            Self::NoWay => "NO_SUCH_WAY",
            Self::UnitAlreadyDisposed => "UNIT_ALREADY_DISPOSED",
            Self::UnitAlreadyFunded => "UNIT_ALREADY_FUNDED",
            Self::RefundExceedsPaid => "REFUND_EXCEEDS_PAID",
            Self::RefundExceedsApproved => "REFUND_EXCEEDS_APPROVED",
            Self::RefundInDoubt => "REFUND_IN_DOUBT",
            Self::TriggerNotReached => "TRIGGER_NOT_REACHED",
            Self::ExposureExceeded => "EXPOSURE_EXCEEDED",
            Self::AuthorityAmbiguous => "AUTHORITY_AMBIGUOUS",
            Self::AuthorityElsewhere => "AUTHORITY_ELSEWHERE",
            Self::OrphanBlocks => "ORPHAN_BLOCKS",
            Self::ExecutorMissing => "EXECUTOR_MISSING",
            Self::ExemptionMissing => "EXEMPTION_MISSING",
            Self::UnitsHeld => "UNITS_HELD",
            Self::GradeForbids => "GRADE_FORBIDS",
            Self::PolicyWindowClosed => "POLICY_WINDOW_CLOSED",
            Self::NotExpired => "NOT_EXPIRED",
            Self::LabelAlreadyScanned => "LABEL_ALREADY_SCANNED",
            Self::LabelOpen => "LABEL_OPEN",
            Self::UnknownLabel => "UNKNOWN_LABEL",
            Self::UnknownLine => "UNKNOWN_LINE",
            Self::UnknownInstruction => "UNKNOWN_INSTRUCTION",
            Self::InstructionPast => "INSTRUCTION_PAST",
            Self::LegalDeadlineExceeded => "LEGAL_DEADLINE_EXCEEDED",
            Self::PersonRequired => "PERSON_REQUIRED",
            Self::OtherPersonRequired => "OTHER_PERSON_REQUIRED",
            Self::EvidenceMissing => "EVIDENCE_MISSING",
            Self::AppealOpen => "APPEAL_OPEN",
            Self::DifferenceDue => "DIFFERENCE_DUE",
            Self::RefundHeld => "REFUND_HELD",
            Self::WithdrawalRight => "WITHDRAWAL_RIGHT",
            Self::PolicyForbids => "POLICY_FORBIDS",
            Self::KeyReused => "KEY_REUSED",
            Self::Inconsistent => "INCONSISTENT",
            Self::NeedsOperator => "NEEDS_OPERATOR",
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for Refusal {}
