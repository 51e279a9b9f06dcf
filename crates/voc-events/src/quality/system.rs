//! What services do: the topic `chip-quality.system.events`.

use std::borrow::Cow;

use super::BaseEvent;
use crate::{fields, fields::Id};

fields! {
    /// A service was initialised.
    pub struct ServiceStarted<'a>: BaseEvent<'a> = "SERVICE_STARTED" {
        required {
            /// The service.
            service_name: Cow<'a, str> as Id => Str,
        }
        optional {
            /// The service's version.
            service_version: Cow<'a, str> as Id => Str,
        }
    }
}

fields! {
    /// A service was shut down.
    pub struct ServiceStopped<'a>: BaseEvent<'a> = "SERVICE_STOPPED" {
        required {
            /// The service.
            service_name: Cow<'a, str> as Id => Str,
        }
        optional {
            /// The service's version.
            service_version: Cow<'a, str> as Id => Str,
            /// Why the service stopped, for people.
            reason: Cow<'a, str>,
        }
    }
}

fields! {
    /// A service reported its health.
    pub struct HealthCheck<'a>: BaseEvent<'a> = "HEALTH_CHECK" {
        required {
            /// The service.
            service_name: Cow<'a, str> as Id => Str,
        }
        optional {
            /// The service's version.
            service_version: Cow<'a, str> as Id => Str,
            /// How the service is, such as `healthy`.
            status: Cow<'a, str> => Str,
        }
    }
}

fields! {
    /// An error occurred in a service.
    pub struct ErrorOccurred<'a>: BaseEvent<'a> = "ERROR_OCCURRED" {
        required {
            /// The service.
            service_name: Cow<'a, str> as Id => Str,
        }
        optional {
            /// The service's version.
            service_version: Cow<'a, str> as Id => Str,
            /// The class of the error.
            error_type: Cow<'a, str> => Str,
            /// How bad it is, such as `critical`.
            severity: Cow<'a, str> => Str,
            /// What the matter is, for people.
            message: Cow<'a, str>,
        }
    }
}
