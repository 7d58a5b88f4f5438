//! Every bound. On overflow the oldest is dropped, counted, and said once a minute.

// The shell.

/// Ages of which percentiles are made.
pub const AGES: usize = 2048;
/// Messages that the page can look back at.
pub const RECENT_MESSAGES: usize = 512;
/// Events and messages that a slow page may lag behind before it loses some.
pub const LIVE_LAG: usize = 1024;
/// Times from which the rate of a message type is counted.
pub const RATE_WINDOW: usize = 64;

/// Clock and sensor states waiting for the station.
pub const CONTROL_INPUTS: usize = 64;
/// Frames' detections waiting for the station.
pub const SENSOR_INPUTS: usize = 64;
/// Neighbours' words waiting for the station.
pub const CORRIDOR_INPUTS: usize = 64;
/// Messages heard on air waiting for the station.
pub const AIR_INPUTS: usize = 512;
/// Frames of one sensor waiting for its detector: only the newest is worth anything.
pub const FRAMES_WAITING: usize = 2;
/// Messages waiting for one radio.
pub const RADIO_OUT: usize = 128;
/// Messages, shares and events waiting for zenoh.
pub const CORRIDOR_OUT: usize = 512;
/// Entries waiting for the recorder.
pub const RECORD_OUT: usize = 8192;
/// Bytes of one record of a recording that is read.
pub const RECORD_BYTES: usize = 64 * 1024 * 1024;
/// Attachments of a recording that is read.
pub const ATTACHMENTS: usize = 64;
/// Different words a counter by reason or a folded log line may have.
pub const WORDS: usize = 64;
/// Bytes of a neighbour's border tracks (256 tracks of about 1.2 kB).
pub const BORDER_BYTES: usize = 512 * 1024;
/// Bytes of one datagram from a radio in text form (hex of [`HEARD_BYTES`] and a dozen header lines).
pub const RADIO_TEXT_BYTES: usize = 8192;
/// Messages taken from one radio before others get their turn.
pub const HEARD_AT_ONCE: usize = 64;

// The station.

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
/// Bytes of a site map file.
pub const SITE_MAP_BYTES: usize = 4 << 20;
/// Links of a site map (T/CSAE 53-2020, DF_LinkList: at most 32 lead into a node; as many may lead out).
pub const LINKS: usize = 64;
/// Links that lead into the crossing (T/CSAE 53-2020, DF_LinkList: at most 32).
pub const LINKS_IN: usize = 32;
/// Lanes of a link (T/CSAE 53-2020, DF_LaneList: at most 32).
pub const LANES_A_LINK: usize = 32;
/// Connections of a lane (T/CSAE 53-2020, DF_ConnectsToList: at most 16).
pub const CONNECTIONS_A_LANE: usize = 16;
/// Crosswalks of a site map.
pub const CROSSWALKS: usize = 64;
/// Points of one line in a site map.
pub const WAYPOINTS: usize = 2048;
/// Signal groups of a crossing.
pub const SIGNAL_GROUPS: usize = 255;
/// Coming states kept for a signal group (T/CSAE 53-2020, DF_PhaseStateList: at most 16 with the current one).
pub const SIGNAL_STATES: usize = 15;
/// Warnings active at once.
pub const WARNINGS: usize = 64;
/// Frame times kept of a sensor, to tell its rate.
pub const FRAME_TIMES: usize = 32;
/// Participant numbers remembered at once, those in quarantine included.
pub const PARTICIPANT_NUMBERS: usize = 4096;
/// Letters of an error or fault text kept from outside.
pub const FAULT_TEXT: usize = 200;
/// Bytes of a configuration file, and of a drop-in.
pub const CONFIG_BYTES: u64 = 1 << 20;
/// Drop-ins beside a configuration file.
pub const DROP_INS: usize = 64;
/// Complaints about a configuration that are kept; the rest is counted.
pub const COMPLAINTS: usize = 100;
/// Bytes of a survey, a lens or a configuration that `rsu calibrate` reads.
pub const SURVEY_BYTES: u64 = 4 << 20;
/// Octets of a message that every radio in use carries.
pub const RADIO_BYTES: usize = 1400;
/// Octets of a line that `rsu msg` reads: the digits of [`MESSAGE_RAW_BYTES`] and blanks between them, or a document.
pub const MESSAGE_LINE_BYTES: usize = 4 << 20;
/// Octets of one message that `rsu msg` reads; radios carry [`RADIO_BYTES`].
pub const MESSAGE_RAW_BYTES: usize = 1 << 20;
/// Octets of one JSON document that `rsu msg` reads.
pub const MESSAGE_DOCUMENT_BYTES: usize = 4 << 20;
