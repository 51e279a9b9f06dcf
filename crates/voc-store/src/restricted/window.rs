//! Windows of rows.

use sqlparser::ast::{
    Expr, NamedWindowDefinition, NamedWindowExpr, Value, WindowFrame, WindowFrameBound, WindowFrameUnits, WindowSpec,
    WindowType,
};

use super::{
    SqlMistake,
    writer::{Writer, identifier},
};

type Written = Result<String, SqlMistake>;

impl Writer<'_> {
    /// What follows `OVER`.
    pub(super) fn window(&mut self, window: &WindowType) -> Written {
        match window {
            WindowType::NamedWindow(name) => identifier(name),
            WindowType::WindowSpec(window) => self.window_spec(window),
        }
    }

    pub(super) fn named_windows(&mut self, windows: &[NamedWindowDefinition]) -> Written {
        let mut written = Vec::new();
        for NamedWindowDefinition(name, window) in windows {
            let NamedWindowExpr::WindowSpec(window) = window else {
                return Err(SqlMistake::at(name.span, "a window is written in parentheses"));
            };
            written.push(format!("{} AS {}", identifier(name)?, self.window_spec(window)?));
        }
        Ok(if written.is_empty() { String::new() } else { format!(" WINDOW {}", written.join(", ")) })
    }

    fn window_spec(&mut self, window: &WindowSpec) -> Written {
        let WindowSpec { window_name, partition_by, order_by, window_frame } = window;
        let mut parts = Vec::new();
        if let Some(name) = window_name {
            parts.push(identifier(name)?);
        }
        if !partition_by.is_empty() {
            parts.push(format!("PARTITION BY {}", self.expressions(partition_by)?));
        }
        if !order_by.is_empty() {
            parts.push(format!("ORDER BY {}", self.orders(order_by)?));
        }
        if let Some(WindowFrame { units, start_bound, end_bound }) = window_frame {
            let units = match units {
                WindowFrameUnits::Rows => "ROWS",
                WindowFrameUnits::Range => "RANGE",
                WindowFrameUnits::Groups => return Err(SqlMistake::new("a frame is of ROWS or RANGE")),
            };
            let start = self.bound(start_bound)?;
            parts.push(match end_bound {
                Some(end) => format!("{units} BETWEEN {start} AND {}", self.bound(end)?),
                None => format!("{units} {start}"),
            });
        }
        Ok(format!("({})", parts.join(" ")))
    }

    fn bound(&mut self, bound: &WindowFrameBound) -> Written {
        let mut rows = |number: &Option<Box<Expr>>| match number.as_deref() {
            None => Ok("UNBOUNDED".to_owned()),
            Some(number @ Expr::Value(value)) if matches!(value.value, Value::Number(..)) => self.expression(number),
            Some(_) => Err(SqlMistake::new("the bounds of a frame are numbers")),
        };
        Ok(match bound {
            WindowFrameBound::CurrentRow => "CURRENT ROW".to_owned(),
            WindowFrameBound::Preceding(number) => format!("{} PRECEDING", rows(number)?),
            WindowFrameBound::Following(number) => format!("{} FOLLOWING", rows(number)?),
        })
    }
}
