//! Every bound. On overflow the oldest is dropped, counted, and said once a minute.

/// Detections kept of one frame.
pub const DETECTIONS_A_FRAME: usize = 512;
/// Tracks alive at once.
pub const TRACKS: usize = 1024;
/// Outputs waiting in a station.
pub const OUTBOX: usize = 4096;
/// Participants in one RSM (T/CSAE 53-2020, DF_ParticipantList: at most 16).
pub const PARTICIPANTS_A_MESSAGE: usize = 16;
/// Tracks shared with neighbours in one message.
pub const BORDER_TRACKS: usize = 256;
/// Neighbours known at once.
pub const NEIGHBOURS: usize = 64;
/// Bytes of a message taken from the air.
pub const HEARD_BYTES: usize = 2048;
