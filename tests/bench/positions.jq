# The trading job in jq. Money is counted in cents, whole numbers, because its numbers are doubles.
def cents_a_share:
    if .event_type == "declaration" then empty
    elif .event_type == "call" then .underlying_spot - .strike
    elif .event_type == "put" then .strike - .underlying_spot
    else -.price end
    | 100 * . | round;

def effects:
    (if .event_type == "sell" or .direction == "short" then -.amount else .amount end) as $shares
    | ["\(.account_id),\(.ticker)", 100 * $shares, .timestamp],
      (cents_a_share as $cents | ["\(.account_id),CASH", $shares * $cents, .timestamp]);

reduce (inputs | effects) as [$key, $cents, $timestamp] ({};
    .[$key][0] as $before | setpath([$key]; [$before + $cents, $timestamp]))
| "account_id,ticker,amount,timestamp",
  (to_entries | map((.key / ",") + .value) | sort_by([(.[0] | tonumber), .[1]])[] | "\(.[0]),\(.[1]),\(.[2] / 100),\(.[3])")
