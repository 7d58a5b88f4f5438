import json, sys, zenoh

config = zenoh.Config()
config.insert_json5("connect/endpoints", json.dumps(sys.argv[1:] or ["tcp/127.0.0.1:7447"]))
with zenoh.open(config) as session:
    subscriber = session.declare_subscriber("rsu/*/*/json/rsm")
    for sample in subscriber:
        for p in json.loads(sample.payload.to_string())["participants"]:
            print(p["ptc_id"], p["ptc_type"], p["lat_deg"], p["lon_deg"], p.get("speed_mps"), flush=True)
