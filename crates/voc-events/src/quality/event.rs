//! The event types of the `quality` family, and what they share.

use std::borrow::Cow;

use uuid::Uuid;

use super::{
    assessment::{AlertTriggered, ComplianceCheck, QualityAssessed, ThresholdViolated},
    inspection::{DefectDetected, InspectionCompleted, InspectionCreated, InspectionFailed, InspectionStarted},
    manufacturing::{BatchCompleted, BatchCreated, LotCreated, ProductionMilestone},
    system::{ErrorOccurred, HealthCheck, ServiceStarted, ServiceStopped},
    user::{AuditAction, PermissionGranted, UserLogin, UserLogout},
};
use crate::{
    Json, Timestamp, event_types, fields,
    fields::{EventType, Id},
};

event_types! {
    /// An event of a chip quality platform.
    pub enum QualityEvent<'a>: BaseEvent<'a> by event_type {
        /// `INSPECTION_CREATED`: an inspection was initiated.
        InspectionCreated(InspectionCreated<'a>),
        /// `INSPECTION_STARTED`: the processing of an inspection began.
        InspectionStarted(InspectionStarted<'a>),
        /// `INSPECTION_COMPLETED`: an inspection finished.
        InspectionCompleted(InspectionCompleted<'a>),
        /// `INSPECTION_FAILED`: an inspection came to an error.
        InspectionFailed(InspectionFailed<'a>),
        /// `DEFECT_DETECTED`: defects were found during an inspection.
        DefectDetected(DefectDetected<'a>),
        /// `BATCH_CREATED`: a manufacturing batch was begun.
        BatchCreated(BatchCreated<'a>),
        /// `LOT_CREATED`: a lot was begun within a batch.
        LotCreated(LotCreated<'a>),
        /// `BATCH_COMPLETED`: the processing of a batch finished.
        BatchCompleted(BatchCompleted<'a>),
        /// `PRODUCTION_MILESTONE`: a milestone of the production was reached.
        ProductionMilestone(ProductionMilestone<'a>),
        /// `QUALITY_ASSESSED`: quality was evaluated, in an inspection or beyond one.
        QualityAssessed(QualityAssessed<'a>),
        /// `THRESHOLD_VIOLATED`: quality is beyond a threshold.
        ThresholdViolated(ThresholdViolated<'a>),
        /// `ALERT_TRIGGERED`: a quality alert was issued.
        AlertTriggered(AlertTriggered<'a>),
        /// `COMPLIANCE_CHECK`: compliance with a standard was verified.
        ComplianceCheck(ComplianceCheck<'a>),
        /// `USER_LOGIN`: a user was authenticated.
        UserLogin(UserLogin<'a>),
        /// `USER_LOGOUT`: a user's session ended.
        UserLogout(UserLogout<'a>),
        /// `AUDIT_ACTION`: a user did something that is audited.
        AuditAction(AuditAction<'a>),
        /// `PERMISSION_GRANTED`: a user was granted access.
        PermissionGranted(PermissionGranted<'a>),
        /// `SERVICE_STARTED`: a service was initialised.
        ServiceStarted(ServiceStarted<'a>),
        /// `SERVICE_STOPPED`: a service was shut down.
        ServiceStopped(ServiceStopped<'a>),
        /// `HEALTH_CHECK`: a service told how it is.
        HealthCheck(HealthCheck<'a>),
        /// `ERROR_OCCURRED`: a service came to an error.
        ErrorOccurred(ErrorOccurred<'a>),
    }
}

impl<'a> QualityEvent<'a> {
    /// The defects that the event tells of.
    #[must_use]
    pub fn defects(&self) -> &[Defect<'a>] {
        match self {
            Self::InspectionCompleted(event) => event.defects.as_deref(),
            Self::DefectDetected(event) => event.defects.as_deref(),
            Self::QualityAssessed(event) => event.defects.as_deref(),
            _ => None,
        }
        .unwrap_or_default()
    }
}

fields! {
    /// The fields that every event has.
    pub struct BaseEvent<'a> {
        required {
            /// Event type discriminator, such as `INSPECTION_CREATED`.
            event_type: Cow<'a, str> as EventType,
            /// When the event happened.
            timestamp: Timestamp,
        }
        optional {
            /// Unique identifier of the event.
            event_id: Uuid,
            /// Where the event comes from.
            source: Cow<'a, str> as Id => Str,
            /// The service that the event comes from.
            source_service: Cow<'a, str> as Id => Str,
            /// What the events of one operation have in common.
            correlation_id: Cow<'a, str> as Id => Str,
            /// The producer's own fields: a JSON object.
            metadata: Json<'a>,
        }
        rest extra
    }
}

impl BaseEvent<'_> {
    pub(super) fn with_type(self, event_type: &'static str) -> Self {
        Self { event_type: Cow::Borrowed(event_type), ..self }
    }
}

fields! {
    /// A defect of a chip.
    pub struct Defect<'a> {
        optional {
            /// What kind of defect it is, such as `scratch`.
            defect_type: Cow<'a, str>,
            /// How bad it is, such as `minor`.
            severity: Cow<'a, str>,
            /// How sure the inspection is of it, from 0 to 1; the range is not checked.
            confidence: f64,
            /// Where on the chip it is.
            location: Cow<'a, str>,
        }
        rest extra
    }
}
