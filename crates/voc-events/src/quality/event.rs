//! The event types of the `quality` family.

use super::{
    assessment::{AlertTriggered, ComplianceCheck, QualityAssessed, ThresholdViolated},
    base::BaseEvent,
    defect::Defect,
    inspection::{DefectDetected, InspectionCompleted, InspectionCreated, InspectionFailed, InspectionStarted},
    manufacturing::{BatchCompleted, BatchCreated, LotCreated, ProductionMilestone},
    system::{ErrorOccurred, HealthCheck, ServiceStarted, ServiceStopped},
    user::{AuditAction, PermissionGranted, UserLogin, UserLogout},
};
use crate::event_types;

event_types! {
    /// An event of a chip quality platform.
    ///
    /// ```
    /// use voc_events::quality::QualityEvent;
    ///
    /// let record = br#"{"event_type":"PLANT_CLOSED","timestamp":"2026-02-02T12:00:00Z"}"#;
    /// let is_known = |event: &QualityEvent<'_>| !matches!(event, QualityEvent::Other(_));
    /// let event = QualityEvent::try_from(&record[..])?;
    /// assert!(!is_known(&event));
    /// assert_eq!(event.base().event_type, "PLANT_CLOSED");
    /// assert!(!QualityEvent::TYPES.contains(&"PLANT_CLOSED"));
    /// # Ok::<(), voc_events::Invalid>(())
    /// ```
    pub enum QualityEvent<'a>: BaseEvent<'a> by event_type {
        /// `INSPECTION_CREATED`: an inspection was initiated.
        InspectionCreated(InspectionCreated<'a>),
        /// `INSPECTION_STARTED`: the processing of an inspection began.
        InspectionStarted(InspectionStarted<'a>),
        /// `INSPECTION_COMPLETED`: an inspection finished.
        InspectionCompleted(InspectionCompleted<'a>),
        /// `INSPECTION_FAILED`: an inspection failed.
        InspectionFailed(InspectionFailed<'a>),
        /// `DEFECT_DETECTED`: defects were found during an inspection.
        DefectDetected(DefectDetected<'a>),
        /// `BATCH_CREATED`: a manufacturing batch was started.
        BatchCreated(BatchCreated<'a>),
        /// `LOT_CREATED`: a lot was started within a batch.
        LotCreated(LotCreated<'a>),
        /// `BATCH_COMPLETED`: the processing of a batch finished.
        BatchCompleted(BatchCompleted<'a>),
        /// `PRODUCTION_MILESTONE`: a production milestone was reached.
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
        /// `HEALTH_CHECK`: a service reported its health.
        HealthCheck(HealthCheck<'a>),
        /// `ERROR_OCCURRED`: an error occurred in a service.
        ErrorOccurred(ErrorOccurred<'a>),
    }
}

impl<'a> QualityEvent<'a> {
    /// The defects that the event reports.
    ///
    /// ```
    /// use voc_events::quality::QualityEvent;
    ///
    /// let record = br#"{"event_type":"DEFECT_DETECTED","timestamp":"2026-02-02T12:00:00Z","inspection_id":"i-7",
    ///     "defects":[{"severity":"minor"},{"severity":"critical"}]}"#;
    /// let event = QualityEvent::try_from(&record[..])?;
    /// assert!(event.defects().iter().any(|defect| defect.severity.as_deref() == Some("critical")));
    /// # Ok::<(), voc_events::Invalid>(())
    /// ```
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
