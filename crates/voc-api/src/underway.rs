//! A request until the end of its answer: what is measured of it, and how an answer ends that is not finished.

use std::{
    error::Error,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll, ready},
};

use actix_web::{
    body::{BodySize, BoxBody, MessageBody},
    http::{Method, StatusCode},
    web::Bytes,
};
use metrics::Counter;

use crate::{
    connections::Connection,
    formats::Broken,
    telemetry::{ANSWER_BYTES, IN_PROGRESS, UNFINISHED},
};

/// A request that is counted as being in progress until this is dropped.
pub(crate) struct Underway {
    pub(crate) route: &'static str,
    pub(crate) method: &'static str,
    /// Why it has no whole answer, if this is dropped now.
    unfinished: Option<&'static str>,
}

impl Underway {
    pub(crate) fn begin(route: &'static str, method: &Method) -> Self {
        // Anything can be a method, but not a label.
        let method = match *method {
            Method::GET => "GET",
            Method::HEAD => "HEAD",
            Method::POST => "POST",
            _ => "other",
        };
        metrics::gauge!(IN_PROGRESS, "route" => route, "method" => method).increment(1.0);
        Self { route, method, unfinished: Some(Broken::CLIENT) }
    }

    /// Has its whole answer.
    pub(crate) fn finish(&mut self) {
        self.unfinished = None;
    }
}

impl Drop for Underway {
    fn drop(&mut self) {
        let Self { route, method, unfinished } = *self;
        metrics::gauge!(IN_PROGRESS, "route" => route, "method" => method).decrement(1.0);
        if let Some(reason) = unfinished {
            metrics::counter!(UNFINISHED, "route" => route, "method" => method, "reason" => reason).increment(1);
        }
    }
}

/// The class of a status, as a label.
pub(crate) fn class(status: StatusCode) -> &'static str {
    match status.as_u16() / 100 {
        1 => "1xx",
        2 => "2xx",
        3 => "3xx",
        4 => "4xx",
        _ => "5xx",
    }
}

/// The body of an answer on its way to the client.
pub(crate) struct Delivery {
    body: BoxBody,
    bytes: Counter,
    underway: Underway,
    /// The connection of a client for which the end of the connection is the end of the answer.
    ends_with: Option<Rc<Connection>>,
}

impl Delivery {
    /// `ends_with` is the connection if its client knows no other end of an answer whose length was not announced, as
    /// one that speaks HTTP/1.0.
    pub(crate) fn new(
        body: BoxBody,
        status: StatusCode,
        underway: Underway,
        ends_with: Option<Rc<Connection>>,
    ) -> Self {
        let (route, method) = (underway.route, underway.method);
        let bytes = metrics::counter!(ANSWER_BYTES, "route" => route, "method" => method, "class" => class(status));
        let size = body.size();
        let ends_with = ends_with.filter(|_| size == BodySize::Stream);
        if let Some(connection) = &ends_with {
            connection.reset_when_closed(true);
        }
        let mut delivery = Self { body, bytes, underway, ends_with };
        // Nobody asks for the pieces of a body without any.
        if matches!(size, BodySize::None | BodySize::Sized(0)) {
            delivery.finish();
        }
        delivery
    }

    fn finish(&mut self) {
        self.underway.finish();
        if let Some(connection) = self.ends_with.take() {
            connection.reset_when_closed(false);
        }
    }
}

impl MessageBody for Delivery {
    type Error = Box<dyn Error>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        let this = self.get_mut();
        let next = ready!(Pin::new(&mut this.body).poll_next(context));
        match &next {
            Some(Ok(piece)) => this.bytes.increment(piece.len() as u64),
            Some(Err(error)) => {
                let reason = error.downcast_ref::<Broken>().map_or(Broken::INTERNAL, Broken::reason);
                this.underway.unfinished = Some(reason);
            }
            None => this.finish(),
        }
        Poll::Ready(next)
    }
}
