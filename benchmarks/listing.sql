\set n random(1, 400)
WITH listed AS MATERIALIZED (
  SELECT id, slug, name FROM product
  WHERE published_at IS NOT NULL AND id < (SELECT id FROM benchmark_cursor WHERE n = :n)
  ORDER BY id DESC LIMIT 25
), page AS MATERIALIZED (
  SELECT * FROM listed ORDER BY id DESC LIMIT 24
), shown AS MATERIALIZED (
  SELECT each.*, price.amount, price.compare_at_amount FROM page
  CROSS JOIN LATERAL (
    SELECT id, product_id, sku, name, position FROM variant
    WHERE product_id = page.id AND withdrawn_at IS NULL ORDER BY position, id LIMIT 3
  ) AS each
  LEFT JOIN price ON price.variant_id = each.id AND price.market_id = 1
), ranges AS (
  SELECT variant.product_id, to_char(min(price.amount) / 100.0, 'FM999999990.00') AS least,
         to_char(max(price.amount) / 100.0, 'FM999999990.00') AS most
  FROM page JOIN variant ON variant.product_id = page.id AND variant.withdrawn_at IS NULL
  JOIN price ON price.variant_id = variant.id AND price.market_id = 1
  GROUP BY variant.product_id
), stocked AS (
  SELECT level.variant_id, string_agg(
    '{"location":{"code":' || to_json(location.code) || ',"name":' || to_json(location.name)
    || '},"available":{"quantity":' || least(greatest(level.available, 0), 10)
    || ',"isCapped":' || (level.available > 10)
    || '},"status":"' || CASE WHEN level.available > 3 THEN 'IN_STOCK' WHEN level.available > 0 THEN 'LOW_STOCK'
                              WHEN level.available + level.backorder_limit > 0 THEN 'BACKORDER' ELSE 'OUT_OF_STOCK' END
    || '"}', ',' ORDER BY location.sourcing_priority, location.id) AS body
  FROM shown JOIN stock_level AS level ON level.variant_id = shown.id
  JOIN location ON location.id = level.location_id
  GROUP BY level.variant_id
), sold AS (
  SELECT shown.product_id, string_agg(
    '{"id":"var_' || replace(shown.id::text, '-', '') || '","sku":' || to_json(shown.sku)
    || ',"name":' || to_json(shown.name)
    || ',"price":' || coalesce('{"amount":"' || to_char(shown.amount / 100.0, 'FM999999990.00') || '","currencyCode":"EUR"}', 'null')
    || ',"availability":[' || coalesce(stocked.body, '') || ']}', ',' ORDER BY shown.position, shown.id) AS body
  FROM shown LEFT JOIN stocked ON stocked.variant_id = shown.id
  GROUP BY shown.product_id
), pictures AS (
  SELECT page.id AS product_id, '{"url":' || to_json(first.url) || ',"alt":' || coalesce(to_json(first.alt)::text, 'null') || '}' AS body
  FROM page CROSS JOIN LATERAL (
    SELECT url, alt FROM media WHERE product_id = page.id ORDER BY position, id LIMIT 1
  ) AS first
)
SELECT '{"data":{"products":{"nodes":[' || coalesce(string_agg(
    '{"id":"prd_' || replace(page.id::text, '-', '') || '","slug":' || to_json(page.slug) || ',"name":' || to_json(page.name)
    || ',"priceRange":' || coalesce('{"min":{"amount":"' || ranges.least || '","currencyCode":"EUR"},"max":{"amount":"'
                                    || ranges.most || '","currencyCode":"EUR"}}', 'null')
    || ',"media":[' || coalesce(pictures.body, '') || '],"variants":{"nodes":[' || coalesce(sold.body, '') || ']}}',
    ',' ORDER BY page.id DESC), '')
  || '],"pageInfo":{"hasNextPage":' || (SELECT count(*) > 24 FROM listed) || '}}}}' AS body
FROM page LEFT JOIN ranges ON ranges.product_id = page.id LEFT JOIN pictures ON pictures.product_id = page.id
LEFT JOIN sold ON sold.product_id = page.id
