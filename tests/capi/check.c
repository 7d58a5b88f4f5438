/* Proves the C interface of v2x-msgs from C: both forms of JSON, errors, threads. Silent when all is well. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "v2x_msgs.h"

#define MUST(what)                                                                   \
    do {                                                                             \
        if (!(what)) {                                                               \
            fprintf(stderr, "line %d: %s; %s\n", __LINE__, #what, v2x_last_error()); \
            exit(1);                                                                 \
        }                                                                            \
    } while (0)

static const uint8_t rsi[] = {0x44, 0xd8, 0x81, 0x5d, 0xb9, 0x3d, 0x34, 0xcf, 0xe1, 0x4a, 0x9d,
                              0xce, 0xc2, 0xa2, 0xb5, 0xf6, 0x64, 0x91, 0x4e, 0x80, 0xa0};

static void there_and_back(uint32_t flags, const char *expected)
{
    size_t length = 0;
    char *json = v2x_decode_json(rsi, sizeof rsi, "csae53-2020", flags);
    MUST(json != NULL);
    MUST(strstr(json, expected) != NULL);
    MUST(strlen(v2x_last_error()) == 0);
    uint8_t *octets = v2x_encode_json(json, NULL, flags, &length);
    MUST(octets != NULL);
    MUST(length == sizeof rsi);
    MUST(memcmp(octets, rsi, length) == 0);
    v2x_free(octets);
    v2x_free(json);
}

static void refusals(void)
{
    size_t length = 99;
    MUST(v2x_decode_json(rsi, sizeof rsi - 1, NULL, 0) == NULL);
    MUST(strstr(v2x_last_error(), "truncated") != NULL);
    MUST(v2x_decode_json(rsi, sizeof rsi, "no-such-profile", 0) == NULL);
    MUST(strstr(v2x_last_error(), "no-such-profile") != NULL);
    MUST(v2x_decode_json(NULL, 0, NULL, 0) == NULL);
    MUST(v2x_encode_json("{\"schema\": \"v2x.rsm/1\"}", NULL, 0, &length) == NULL);
    MUST(length == 0);
    MUST(v2x_encode_json("{\"choice\": \"rsmFrame\", \"value\": {\"msgCnt\": 200}}", NULL, V2X_WIRE, &length) == NULL);
    MUST(strstr(v2x_last_error(), "msgCnt") != NULL);
    v2x_free(NULL);
}

static void *many_times(void *unused)
{
    (void)unused;
    for (int i = 0; i < 2000; i++) {
        there_and_back(V2X_WIRE, "rsiFrame");
        if (i % 10 == 0)
            refusals();
    }
    return NULL;
}

int main(void)
{
    there_and_back(0, "\"schema\":\"v2x.rsi/1\"");
    there_and_back(V2X_WIRE, "\"choice\":\"rsiFrame\"");
    refusals();
    pthread_t threads[4];
    for (int i = 0; i < 4; i++)
        MUST(pthread_create(&threads[i], NULL, many_times, NULL) == 0);
    for (int i = 0; i < 4; i++)
        MUST(pthread_join(threads[i], NULL) == 0);
    return 0;
}
