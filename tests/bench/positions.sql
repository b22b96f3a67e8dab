-- The trading job in DuckDB. Each event is read once and told as one or two effects; amounts of cash are exact.
set threads = @THREADS@;
copy (
    with event as (
        select account_id, ticker, "timestamp", event_type, price, strike, underlying_spot,
               case when event_type = 'sell' or direction = 'short' then -amount else amount end as shares
        from read_json('@LOG@', format = 'newline_delimited', columns = {
            event_type: 'VARCHAR', "timestamp": 'BIGINT', account_id: 'BIGINT', ticker: 'VARCHAR', amount: 'BIGINT',
            price: 'DECIMAL(18,2)', strike: 'DECIMAL(18,2)', underlying_spot: 'DECIMAL(18,2)', direction: 'VARCHAR'})),
    effect as (
        select account_id, ticker, shares as amount, "timestamp" from event
        union all
        select account_id, 'CASH', shares * case event_type when 'call' then underlying_spot - strike
                                                           when 'put' then strike - underlying_spot else -price end, "timestamp"
        from event where event_type <> 'declaration')
    select account_id, ticker, sum(amount) as amount, max("timestamp") as "timestamp"
    from effect group by account_id, ticker order by account_id, ticker
) to '@OUT@' (header, delimiter ',');
