//! What users do: the topic `chip-quality.user.events`.

use std::borrow::Cow;

use super::BaseEvent;
use crate::{fields, fields::Id};

fields! {
    /// A user was authenticated.
    pub struct UserLogin<'a>: BaseEvent<'a> = "USER_LOGIN" {
        required {
            /// The user.
            user_id: Cow<'a, str> as Id => Str,
        }
        optional {
            /// The user's session.
            session_id: Cow<'a, str> as Id => Str,
            /// The address that the user came from; its form is not checked.
            ip_address: Cow<'a, str> as Id => Str,
        }
    }
}

fields! {
    /// A user's session ended.
    pub struct UserLogout<'a>: BaseEvent<'a> = "USER_LOGOUT" {
        required {
            /// The user.
            user_id: Cow<'a, str> as Id => Str,
        }
        optional {
            /// The user's session.
            session_id: Cow<'a, str> as Id => Str,
            /// The address that the user came from; its form is not checked.
            ip_address: Cow<'a, str> as Id => Str,
        }
    }
}

fields! {
    /// A user did something that is audited.
    pub struct AuditAction<'a>: BaseEvent<'a> = "AUDIT_ACTION" {
        required {
            /// The user.
            user_id: Cow<'a, str> as Id => Str,
        }
        optional {
            /// What the user did.
            action: Cow<'a, str> => Str,
            /// What it was done to, or is granted for.
            resource: Cow<'a, str> => Str,
            /// The user's session.
            session_id: Cow<'a, str> as Id => Str,
            /// The address that the user came from; its form is not checked.
            ip_address: Cow<'a, str> as Id => Str,
        }
    }
}

fields! {
    /// A user was granted access.
    pub struct PermissionGranted<'a>: BaseEvent<'a> = "PERMISSION_GRANTED" {
        required {
            /// The user.
            user_id: Cow<'a, str> as Id => Str,
        }
        optional {
            /// What the user may do from now on.
            permission: Cow<'a, str> => Str,
            /// What it was done to, or is granted for.
            resource: Cow<'a, str> => Str,
            /// The user who granted it.
            granted_by: Cow<'a, str> as Id => Str,
        }
    }
}
