//! The engine library's C interface: the product's only unsafe code.
//!
//! All `unsafe` code is confined to this module. It exports owned handles that cannot be used twice, from two threads
//! at once, or after they are freed: a connection is borrowed exclusively by whatever runs on it, and the library is
//! never unloaded because the engine's threads outlive every connection.
#![expect(unsafe_code, reason = "the engine is a C library")]

use std::{
    ffi::{CStr, CString, c_char, c_int, c_void},
    marker::PhantomData,
    path::Path,
    ptr::{self, NonNull},
    slice,
};

/// A parameter's name and its value, escaped as in tab-separated text.
pub(super) type EncodedParam = (String, String);

#[repr(C)]
struct CResult {
    internal: *mut c_void,
}

#[repr(C)]
struct CConnection {
    internal: *mut c_void,
}

#[repr(C)]
struct CInsertStream {
    internal: *mut c_void,
}

const C_SUCCESS: c_int = 0;

/// Declares the functions used, and looks each one up by name.
macro_rules! functions {
    ($($name:ident: fn($($argument:ty),* $(,)?) $(-> $result:ty)?;)+) => {
        /// The library's functions.
        pub(super) struct Api {
            $($name: unsafe extern "C" fn($($argument),*) $(-> $result)?,)+
        }

        impl Api {
            fn resolve(library: &libloading::Library) -> Result<Self, libloading::Error> {
                Ok(Self {
                    $(
                        // SAFETY: the declared type is that of the library's header at the pinned version; older
                        // versions lack some of the symbols, which is an error here, but never declared them with
                        // another type.
                        $name: *unsafe { library.get(stringify!($name))? },
                    )+
                })
            }
        }
    };
}

functions! {
    chdb_version: fn() -> *const c_char;
    chdb_set_signal_handlers_enabled: fn(c_int);
    chdb_shutdown: fn() -> c_int;
    chdb_connect: fn(c_int, *mut *mut c_char) -> *mut *mut CConnection;
    chdb_close_conn: fn(*mut *mut CConnection);
    chdb_query_with_params_n: fn(
        *mut CConnection,
        *const c_char,
        usize,
        *const c_char,
        usize,
        *const *const c_char,
        *const usize,
        *const *const c_char,
        *const usize,
        usize,
    ) -> *mut CResult;
    chdb_stream_query_with_params_n: fn(
        *mut CConnection,
        *const c_char,
        usize,
        *const c_char,
        usize,
        *const *const c_char,
        *const usize,
        *const *const c_char,
        *const usize,
        usize,
    ) -> *mut CResult;
    chdb_stream_fetch_result: fn(*mut CConnection, *mut CResult) -> *mut CResult;
    chdb_stream_cancel_query: fn(*mut CConnection, *mut CResult);
    chdb_destroy_query_result: fn(*mut CResult);
    chdb_result_buffer: fn(*mut CResult) -> *mut c_char;
    chdb_result_length: fn(*mut CResult) -> usize;
    chdb_result_rows_read: fn(*mut CResult) -> u64;
    chdb_result_rows_written: fn(*mut CResult) -> u64;
    chdb_result_storage_rows_read: fn(*mut CResult) -> u64;
    chdb_result_error: fn(*mut CResult) -> *const c_char;
    chdb_stream_insert_n: fn(*mut CConnection, *const c_char, usize, *const c_char, usize) -> *mut CInsertStream;
    chdb_stream_append: fn(*mut CInsertStream, *const c_void, usize) -> c_int;
    chdb_stream_done: fn(*mut CInsertStream) -> *mut CResult;
    chdb_stream_cancel_insert: fn(*mut CInsertStream);
    chdb_stream_insert_error: fn(*mut CInsertStream) -> *const c_char;
    chdb_destroy_insert_stream: fn(*mut CInsertStream);
}

impl Api {
    /// Loads the library for the rest of the process, and keeps it from taking over the process's signals.
    pub(super) fn load(path: &Path) -> Result<&'static Self, libloading::Error> {
        // SAFETY: the library's initialisers are those of the ClickHouse engine, which expects to be loaded into a
        // foreign process; it is leaked below, so no finaliser ever runs.
        let library = unsafe { libloading::Library::new(path)? };
        let api = Self::resolve(&library)?;
        std::mem::forget(library);
        // SAFETY: affects later connections, and may be called at any time.
        unsafe { (api.chdb_set_signal_handlers_enabled)(0) };
        Ok(Box::leak(Box::new(api)))
    }

    /// The engine's version, such as `26.7.3`.
    pub(super) fn version(&self) -> String {
        // SAFETY: returns a static NUL-terminated text.
        unsafe { text((self.chdb_version)()) }.unwrap_or_default()
    }

    /// Ends all threads of the engine for good. Returns whether it has; the engine refuses while a connection is open.
    pub(super) fn shut_down(&self) -> bool {
        // SAFETY: may be called at any time and any number of times.
        unsafe { (self.chdb_shutdown)() == C_SUCCESS }
    }

    /// Opens a connection with command-line arguments; `None` is all the engine reports about a failure.
    pub(super) fn connect(&'static self, arguments: &[CString]) -> Option<RawConnection> {
        let mut argv: Vec<*mut c_char> = arguments.iter().map(|argument| argument.as_ptr().cast_mut()).collect();
        let argc = c_int::try_from(argv.len()).ok()?;
        // SAFETY: `argv` holds `argc` NUL-terminated texts, which the engine reads during the call and does not keep
        // or change.
        let handle = NonNull::new(unsafe { (self.chdb_connect)(argc, argv.as_mut_ptr()) })?;
        // SAFETY: a non-null handle points to the connection, null if it could not be opened.
        let connection = unsafe { *handle.as_ptr() };
        NonNull::new(connection).map(|connection| RawConnection { api: self, handle, connection })
    }
}

/// An open connection, closed on drop.
pub(super) struct RawConnection {
    api: &'static Api,
    handle: NonNull<*mut CConnection>,
    connection: NonNull<CConnection>,
}

// SAFETY: the engine ties no part of a connection to the thread that opened it; every call takes `&mut self`, so only
// one thread is ever inside.
unsafe impl Send for RawConnection {}

impl Drop for RawConnection {
    fn drop(&mut self) {
        // SAFETY: the handle came from `chdb_connect` and is closed once; streams borrow the connection, so none is
        // left.
        unsafe { (self.api.chdb_close_conn)(self.handle.as_ptr()) };
    }
}

impl RawConnection {
    /// Runs a statement to completion.
    pub(super) fn query(&mut self, sql: &[u8], format: &str, params: &[EncodedParam]) -> Result<RawResult, String> {
        let params = ParamPointers::new(params);
        // SAFETY: the connection is open; every pointer is given with its length and lives through the call, which
        // copies what it keeps.
        let result = unsafe {
            (self.api.chdb_query_with_params_n)(
                self.connection.as_ptr(),
                sql.as_ptr().cast(),
                sql.len(),
                format.as_ptr().cast(),
                format.len(),
                params.names.as_ptr(),
                params.name_lengths.as_ptr(),
                params.values.as_ptr(),
                params.value_lengths.as_ptr(),
                params.names.len(),
            )
        };
        RawResult::checked(self.api, result)
    }

    /// Starts a select whose result is fetched in chunks.
    pub(super) fn select(
        &mut self,
        sql: &[u8],
        format: &str,
        params: &[EncodedParam],
    ) -> Result<RawSelect<'_>, String> {
        let params = ParamPointers::new(params);
        // SAFETY: as in `query`.
        let stream = unsafe {
            (self.api.chdb_stream_query_with_params_n)(
                self.connection.as_ptr(),
                sql.as_ptr().cast(),
                sql.len(),
                format.as_ptr().cast(),
                format.len(),
                params.names.as_ptr(),
                params.name_lengths.as_ptr(),
                params.values.as_ptr(),
                params.value_lengths.as_ptr(),
                params.names.len(),
            )
        };
        let stream = RawResult::checked(self.api, stream)?;
        Ok(RawSelect { connection: self, stream, finished: false })
    }

    /// Starts an insert whose data is appended in chunks.
    pub(super) fn insert(&mut self, sql: &[u8], format: &str) -> Result<RawInsert<'_>, String> {
        // SAFETY: as in `query`.
        let stream = unsafe {
            (self.api.chdb_stream_insert_n)(
                self.connection.as_ptr(),
                sql.as_ptr().cast(),
                sql.len(),
                format.as_ptr().cast(),
                format.len(),
            )
        };
        let stream = NonNull::new(stream).ok_or_else(no_result)?;
        let insert = RawInsert { api: self.api, stream, finished: false, connection: PhantomData };
        insert.check()?;
        Ok(insert)
    }
}

/// The parameters as the parallel arrays the library takes; borrows the texts.
struct ParamPointers<'p> {
    names: Vec<*const c_char>,
    name_lengths: Vec<usize>,
    values: Vec<*const c_char>,
    value_lengths: Vec<usize>,
    texts: PhantomData<&'p EncodedParam>,
}

impl<'p> ParamPointers<'p> {
    fn new(params: &'p [EncodedParam]) -> Self {
        Self {
            names: params.iter().map(|(name, _)| name.as_ptr().cast()).collect(),
            name_lengths: params.iter().map(|(name, _)| name.len()).collect(),
            values: params.iter().map(|(_, value)| value.as_ptr().cast()).collect(),
            value_lengths: params.iter().map(|(_, value)| value.len()).collect(),
            texts: PhantomData,
        }
    }
}

/// A statement's result, freed on drop.
pub(super) struct RawResult {
    api: &'static Api,
    result: NonNull<CResult>,
}

// SAFETY: a result owns its memory and is not tied to a thread; it is only read, through `&self`.
unsafe impl Send for RawResult {}

impl Drop for RawResult {
    fn drop(&mut self) {
        // SAFETY: the result came from the library and is freed once.
        unsafe { (self.api.chdb_destroy_query_result)(self.result.as_ptr()) };
    }
}

impl RawResult {
    fn checked(api: &'static Api, result: *mut CResult) -> Result<Self, String> {
        let result = Self { api, result: NonNull::new(result).ok_or_else(no_result)? };
        // SAFETY: the result is alive; its error is null or a NUL-terminated text that lives as long as the result.
        let error = unsafe { text((api.chdb_result_error)(result.result.as_ptr())) };
        error.map_or(Ok(result), Err)
    }

    /// The result in the requested format.
    pub(super) fn bytes(&self) -> &[u8] {
        // SAFETY: buffer and length belong together and live as long as the result.
        unsafe {
            let buffer = (self.api.chdb_result_buffer)(self.result.as_ptr());
            let length = (self.api.chdb_result_length)(self.result.as_ptr());
            if buffer.is_null() { &[] } else { slice::from_raw_parts(buffer.cast(), length) }
        }
    }

    /// Number of rows in the result.
    pub(super) fn rows(&self) -> u64 {
        // SAFETY: the result is alive.
        unsafe { (self.api.chdb_result_rows_read)(self.result.as_ptr()) }
    }

    /// Number of rows read for the result; for a chunk, since the one before.
    pub(super) fn rows_read(&self) -> u64 {
        // SAFETY: the result is alive.
        unsafe { (self.api.chdb_result_storage_rows_read)(self.result.as_ptr()) }
    }

    /// Number of rows an insert wrote.
    pub(super) fn rows_written(&self) -> u64 {
        // SAFETY: the result is alive.
        unsafe { (self.api.chdb_result_rows_written)(self.result.as_ptr()) }
    }
}

/// A running select; cancelled on drop.
pub(super) struct RawSelect<'c> {
    connection: &'c mut RawConnection,
    stream: RawResult,
    finished: bool,
}

impl RawSelect<'_> {
    /// The next chunk; `None` at the end.
    pub(super) fn next(&mut self) -> Result<Option<RawResult>, String> {
        if self.finished {
            return Ok(None);
        }
        let api = self.connection.api;
        // SAFETY: connection and stream are alive and belong together.
        let chunk =
            unsafe { (api.chdb_stream_fetch_result)(self.connection.connection.as_ptr(), self.stream.result.as_ptr()) };
        let chunk = RawResult::checked(api, chunk);
        self.finished = chunk.as_ref().map_or(true, |chunk| chunk.rows() == 0);
        Ok(Some(chunk?).filter(|_| !self.finished))
    }
}

impl Drop for RawSelect<'_> {
    fn drop(&mut self) {
        if !self.finished {
            let api = self.connection.api;
            // SAFETY: connection and stream are alive; the stream itself is freed by its own drop, after this.
            unsafe { (api.chdb_stream_cancel_query)(self.connection.connection.as_ptr(), self.stream.result.as_ptr()) };
        }
    }
}

/// A running insert; abandoned on drop unless finished.
pub(super) struct RawInsert<'c> {
    api: &'static Api,
    stream: NonNull<CInsertStream>,
    finished: bool,
    connection: PhantomData<&'c mut RawConnection>,
}

// SAFETY: as for the connection, which the stream borrows exclusively.
unsafe impl Send for RawInsert<'_> {}

impl RawInsert<'_> {
    /// Appends bytes in the input format; waits while the engine lags behind.
    pub(super) fn append(&mut self, data: &[u8]) -> Result<(), String> {
        // SAFETY: the stream is alive; the engine copies the bytes during the call.
        let state = unsafe { (self.api.chdb_stream_append)(self.stream.as_ptr(), data.as_ptr().cast(), data.len()) };
        if state == C_SUCCESS {
            return Ok(());
        }
        self.check()?;
        Err(no_result())
    }

    /// Ends the data, and waits until the rows are stored. Returns the number of rows written.
    pub(super) fn finish(mut self) -> Result<u64, String> {
        self.finished = true;
        // SAFETY: the stream is alive, and finished once because `self` is consumed.
        let result = unsafe { (self.api.chdb_stream_done)(self.stream.as_ptr()) };
        if result.is_null() {
            self.check()?;
        }
        RawResult::checked(self.api, result).map(|result| result.rows_written())
    }

    fn check(&self) -> Result<(), String> {
        // SAFETY: the stream is alive; its error is null or a NUL-terminated text that lives as long as the stream.
        let error = unsafe { text((self.api.chdb_stream_insert_error)(self.stream.as_ptr())) };
        error.map_or(Ok(()), Err)
    }
}

impl Drop for RawInsert<'_> {
    fn drop(&mut self) {
        // SAFETY: the stream is alive, cancelled only if it was not finished, and freed once.
        unsafe {
            if !self.finished {
                (self.api.chdb_stream_cancel_insert)(self.stream.as_ptr());
            }
            (self.api.chdb_destroy_insert_stream)(self.stream.as_ptr());
        }
    }
}

/// Copies a C text; `None` for null and for an empty one.
///
/// # Safety
/// The pointer is null or points to a NUL-terminated text that lives through the call.
unsafe fn text(pointer: *const c_char) -> Option<String> {
    if ptr::eq(pointer, ptr::null()) {
        return None;
    }
    // SAFETY: upheld by the caller.
    let text = unsafe { CStr::from_ptr(pointer) }.to_string_lossy().into_owned();
    (!text.is_empty()).then_some(text)
}

fn no_result() -> String {
    "the engine returned no result".to_owned()
}
