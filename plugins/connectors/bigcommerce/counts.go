package bigcommerce

import (
	"context"
	"encoding/json"
	"net/url"
)

// countVariants asks how many variants the store has, orphans included.
func countVariants(ctx context.Context, session *session) (int64, error) {
	return count(ctx, session, variantsPath, url.Values{"include_fields": {"product_id"}})
}

// count asks how many entries a V3 list has.
func count(ctx context.Context, session *session, path string, query url.Values) (total int64, err error) {
	query.Set("limit", "1")
	err = session.do(ctx, call{what: "counting with GET " + path, path: path, query: query,
		read: func(body []byte) error {
			_, meta, err := decodeList[json.RawMessage](body)
			if err == nil {
				total = meta.Total
			}
			return err
		}})
	return total, err
}
