//! What users do: the topic `chip-quality.user.events`.

use std::borrow::Cow;

use super::BaseEvent;
use crate::{fields, fields::Id};

fields! {
    /// A user was authenticated.
    ///
    /// ```
    /// use voc_events::{Timestamp, quality::{BaseEvent, UserLogin}};
    ///
    /// let base = BaseEvent::new(UserLogin::TYPE, Timestamp::parse("2026-02-02T12:00:00Z")?);
    /// let mut login = UserLogin::new(base, "u-1");
    /// login.ip_address = Some("192.0.2.7".into());
    /// assert_eq!((login.user_id.as_ref(), login.session_id), ("u-1", None));
    /// # Ok::<(), voc_events::TimestampError>(())
    /// ```
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
    ///
    /// ```
    /// use voc_events::quality::QualityEvent;
    ///
    /// let record = br#"{"event_type":"USER_LOGOUT","timestamp":1770033600,"user_id":7,"session_id":"s-1"}"#;
    /// let QualityEvent::UserLogout(event) = QualityEvent::try_from(&record[..])? else { panic!("it is a logout") };
    /// assert_eq!((event.user_id.as_ref(), event.session_id.as_deref()), ("7", Some("s-1")));
    /// # Ok::<(), voc_events::Invalid>(())
    /// ```
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
    ///
    /// ```
    /// use voc_events::quality::{AuditAction, QualityEvent};
    ///
    /// let record = br#"{"event_type":"AUDIT_ACTION","timestamp":"2026-02-02T12:00:00Z","user_id":"u-1",
    ///     "action":"delete","resource":"batch b-1"}"#;
    /// let did = match QualityEvent::try_from(&record[..])? {
    ///     QualityEvent::AuditAction(AuditAction { action: Some(action), resource: Some(resource), .. }) => {
    ///         format!("{action} {resource}")
    ///     }
    ///     _ => String::new(),
    /// };
    /// assert_eq!(did, "delete batch b-1");
    /// # Ok::<(), voc_events::Invalid>(())
    /// ```
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
    ///
    /// ```
    /// use voc_events::{Timestamp, quality::{BaseEvent, PermissionGranted}};
    ///
    /// let base = BaseEvent::new(PermissionGranted::TYPE, Timestamp::from_millis(0));
    /// let mut granted = PermissionGranted::new(base, "u-1");
    /// (granted.permission, granted.granted_by) = (Some("release".into()), Some("u-7".into()));
    /// assert_ne!(granted.granted_by.as_ref(), Some(&granted.user_id));
    /// ```
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
