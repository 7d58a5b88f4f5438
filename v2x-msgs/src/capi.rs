//! The library for other languages: four functions, declared and explained in `include/v2x_msgs.h`. Built with
//! `cargo build --release -p v2x-msgs --features capi --example v2x_msgs`, which gives a shared and a static library.
//!
//! The only module of the workspace with `unsafe` in it: pointers come from the caller and memory goes to the caller. What
//! holds at each of them is said beside it; everything else is the safe interface of this crate.
#![allow(unsafe_code)]

use std::alloc::{Layout, alloc, dealloc};
use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char, c_void};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::ptr;

use crate::detect::detect;
use crate::{Profile, json, wire_json};

/// Flag: the JSON has the standard's own fields and raw numbers instead of SI units.
pub const V2X_WIRE: u32 = 1;
/// Octets in front of what is handed out: its size, for [`v2x_free`]. Kept at the strictest usual alignment.
const FRONT: usize = 16;
/// Longest JSON text that is taken, octets.
const MOST_JSON: usize = 16 << 20;

thread_local! {
    static LAST_ERROR: RefCell<CString> = RefCell::new(CString::default());
}

/// The JSON of a message, as a text that ends with a zero octet; null when it is refused, and [`v2x_last_error`] says why.
///
/// # Safety
/// `octets` points to `length` octets that nobody changes meanwhile, or is null when `length` is 0. `profile` points to a
/// text that ends with a zero octet, or is null.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn v2x_decode_json(
    octets: *const u8,
    length: usize,
    profile: *const c_char,
    flags: u32,
) -> *mut c_char {
    guarded(|| {
        let octets = match (octets.is_null(), length) {
            (_, 0) => &[][..],
            (true, _) => return Err("octets is null, length is not 0".to_owned()),
            // SAFETY: not null, and by this function's contract there are `length` octets that nobody changes.
            (false, _) => unsafe { std::slice::from_raw_parts(octets, length) },
        };
        // SAFETY: the contract of `profile` is ours.
        let text = decoded(octets, unsafe { text(profile) }?, flags)?;
        let text = CString::new(text).map_err(|_| "the JSON has a zero octet in it".to_owned())?;
        handed_out(text.as_bytes_with_nul())
    })
    .cast()
}

/// The octets of some JSON, and their number in `length`; null when it is refused, and [`v2x_last_error`] says why.
///
/// # Safety
/// `json` points to a text that ends with a zero octet, `profile` too or is null; `length` points to a place for a number.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn v2x_encode_json(
    json: *const c_char,
    profile: *const c_char,
    flags: u32,
    length: *mut usize,
) -> *mut u8 {
    guarded(|| {
        if length.is_null() {
            return Err("length is null".to_owned());
        }
        // SAFETY: not null, and by this function's contract a place for a number.
        unsafe { *length = 0 };
        // SAFETY: the contracts of `json` and `profile` are ours.
        let (json, profile) = unsafe { (text(json)?.ok_or("json is null")?, text(profile)?) };
        let octets = encoded(json, profile, flags)?;
        let out = handed_out(&octets)?;
        // SAFETY: as above.
        unsafe { *length = octets.len() };
        Ok(out)
    })
}

/// Gives back what one of the two others handed out. Null is nothing to do.
///
/// # Safety
/// `given` came from [`v2x_decode_json`] or [`v2x_encode_json`] and was not given back before.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn v2x_free(given: *mut c_void) {
    if given.is_null() {
        return;
    }
    // SAFETY: what was handed out lies behind FRONT octets of the same allocation, which begin with its size.
    unsafe {
        let front = given.cast::<u8>().sub(FRONT);
        let size = front.cast::<usize>().read();
        if let Ok(layout) = Layout::from_size_align(size, FRONT) {
            dealloc(front, layout);
        }
    }
}

/// Why the last call on this thread was refused: a text that ends with a zero octet, empty after a call that went well. It
/// stays until the next call on this thread, and is not to be freed.
#[unsafe(no_mangle)]
pub extern "C" fn v2x_last_error() -> *const c_char {
    LAST_ERROR.with_borrow(|error| error.as_ptr())
}

/// Calls `work`, keeps its error for [`v2x_last_error`], and lets no panic out: unwinding into C is undefined.
fn guarded(work: impl FnOnce() -> Result<*mut u8, String>) -> *mut u8 {
    let result = catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|_| Err("a fault of the library".to_owned()));
    let (out, error) = match result {
        Ok(out) => (out, String::new()),
        Err(error) => (ptr::null_mut(), error),
    };
    let error = CString::new(error.replace('\0', " ")).unwrap_or_default();
    LAST_ERROR.with_borrow_mut(|last| *last = error);
    out
}

/// A text of the caller; none for null.
///
/// # Safety
/// It ends with a zero octet, and nobody changes it while the result is used.
unsafe fn text<'a>(text: *const c_char) -> Result<Option<&'a str>, String> {
    if text.is_null() {
        return Ok(None);
    }
    // SAFETY: not null, and ended by a zero octet by this function's contract.
    unsafe { CStr::from_ptr(text) }.to_str().map(Some).map_err(|e| format!("not UTF-8: {e}"))
}

/// A copy of octets that [`v2x_free`] can free.
fn handed_out(octets: &[u8]) -> Result<*mut u8, String> {
    let size = FRONT + octets.len();
    let layout = Layout::from_size_align(size, FRONT).map_err(|e| e.to_string())?;
    // SAFETY: the size is not 0; the size of the allocation and the octets both fit behind each other into it, and a number
    // is less strictly aligned than FRONT.
    unsafe {
        let front = alloc(layout);
        if front.is_null() {
            return Err("out of memory".to_owned());
        }
        front.cast::<usize>().write(size);
        let out = front.add(FRONT);
        ptr::copy_nonoverlapping(octets.as_ptr(), out, octets.len());
        Ok(out)
    }
}

fn decoded(octets: &[u8], profile: Option<&str>, flags: u32) -> Result<String, String> {
    let profile = match profile {
        Some("auto") => detect(octets).map_err(|e| e.to_string())?.profile,
        name => named(name)?,
    };
    let value = if is_wire(flags)? {
        wire_json::decode(octets, profile).map_err(|e| e.to_string())?
    } else {
        let message = crate::decode(octets, profile).map_err(|e| e.to_string())?;
        json::to_json(&message).map_err(|e| e.to_string())?
    };
    Ok(value.to_string())
}

fn encoded(text: &str, profile: Option<&str>, flags: u32) -> Result<Vec<u8>, String> {
    let profile = named(profile)?;
    if text.len() > MOST_JSON {
        return Err(format!("{} octets of JSON, at most {MOST_JSON} are taken", text.len()));
    }
    if is_wire(flags)? {
        let value = serde_json::from_str(text).map_err(|e| format!("no JSON: {e}"))?;
        return wire_json::encode(&value, profile).map_err(|e| e.to_string());
    }
    let message = json::from_text(text).map_err(|e| e.to_string())?;
    crate::encode(&message, profile).map_err(|e| e.to_string())
}

fn named(profile: Option<&str>) -> Result<Profile, String> {
    profile.map_or(Ok(Profile::default()), str::parse)
}

fn is_wire(flags: u32) -> Result<bool, String> {
    match flags {
        0 => Ok(false),
        V2X_WIRE => Ok(true),
        other => Err(format!("flags {other:#x}: only V2X_WIRE ({V2X_WIRE}) is known")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RSI: &str = "44d8815db93d34cfe14a9dcec2a2b5f664914e80a0";

    fn error() -> String {
        // SAFETY: the text is ours and ends with a zero octet.
        unsafe { CStr::from_ptr(v2x_last_error()) }.to_str().unwrap().to_owned()
    }

    #[test]
    fn a_message_goes_there_and_back_in_both_forms() {
        let octets = crate::hex::from_hex(RSI).unwrap();
        for flags in [0, V2X_WIRE] {
            // SAFETY: pointers of living values, with their lengths.
            unsafe {
                let json = v2x_decode_json(octets.as_ptr(), octets.len(), c"csae53-2020".as_ptr(), flags);
                assert!(!json.is_null(), "{}", error());
                let mut length = 7;
                let again = v2x_encode_json(json, ptr::null(), flags, &mut length);
                assert_eq!(std::slice::from_raw_parts(again, length), octets, "{}", error());
                assert_eq!(error(), "");
                v2x_free(json.cast());
                v2x_free(again.cast());
            }
        }
    }

    #[test]
    fn what_is_refused_gives_null_and_the_reason() {
        let mut length = 7;
        // SAFETY: pointers of living values, with their lengths; null where the contract allows it.
        unsafe {
            assert!(v2x_decode_json([0x44, 0xd8].as_ptr(), 2, ptr::null(), 0).is_null());
            assert!(error().contains("truncated"), "{}", error());
            assert!(v2x_decode_json(ptr::null(), 2, ptr::null(), 0).is_null());
            assert!(error().contains("octets is null"));
            assert!(v2x_decode_json(ptr::null(), 0, c"nonsense".as_ptr(), 0).is_null());
            assert!(error().contains("no profile 'nonsense'"));
            assert!(v2x_decode_json(ptr::null(), 0, c"csae53-2020".as_ptr(), 8).is_null());
            assert!(error().contains("flags 0x8"));
            assert!(v2x_encode_json(c"{".as_ptr(), ptr::null(), 0, &mut length).is_null());
            assert!(error().contains("no JSON"));
            assert_eq!(length, 0);
            assert!(v2x_encode_json(c"{}".as_ptr(), ptr::null(), 0, ptr::null_mut()).is_null());
            v2x_free(ptr::null_mut());
        }
    }

    #[test]
    fn errors_of_one_thread_are_not_those_of_another() {
        // SAFETY: null with length 0 is allowed.
        assert!(unsafe { v2x_decode_json(ptr::null(), 0, ptr::null(), 0) }.is_null());
        assert_ne!(error(), "");
        std::thread::spawn(|| assert_eq!(error(), "")).join().unwrap();
    }
}
