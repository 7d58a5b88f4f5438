/*
 * Road messages (T/CSAE 53, YD/T 3709, T/CSAE 157, SAE J2735, J3224, J2945/4) between octets and JSON.
 *
 * Build:  cargo build --release -p v2x-msgs --features capi --example v2x_msgs
 * gives   target/release/examples/libv2x_msgs.so and .a
 * Link:   cc program.c -I v2x-msgs/include target/release/examples/libv2x_msgs.a -lpthread -ldl -lm
 *
 * Profiles are named as on the command line: "csae53-2020" (also for NULL), "ydt3709-2020", "csae157-2020",
 * "j2735-2024". For decoding there is "auto": the octets must leave no doubt.
 *
 * All functions may be called from any number of threads at once. None of them keeps a pointer of the caller.
 */
#ifndef V2X_MSGS_H
#define V2X_MSGS_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Flag: the standard's own field names and raw numbers. Without it: SI units, degrees, "schema": "v2x.rsm/1" in front. */
#define V2X_WIRE 1u

/*
 * The JSON of a message, as a text in UTF-8 that ends with a zero octet. To be given back with v2x_free().
 * NULL when the octets are no message of the profile: see v2x_last_error().
 */
char *v2x_decode_json(const uint8_t *octets, size_t length, const char *profile, uint32_t flags);

/*
 * The octets of a message, their number in *length. To be given back with v2x_free().
 * NULL, and 0 in *length, when the JSON is none or does not fit the profile: see v2x_last_error().
 */
uint8_t *v2x_encode_json(const char *json, const char *profile, uint32_t flags, size_t *length);

/* Gives back what one of the two functions above returned. NULL is allowed. */
void v2x_free(void *given);

/*
 * Why the last call on this thread was refused, with the field and the bit; empty when it was not.
 * The text stays until the next call on this thread and is not to be given back.
 */
const char *v2x_last_error(void);

#ifdef __cplusplus
}
#endif

#endif
