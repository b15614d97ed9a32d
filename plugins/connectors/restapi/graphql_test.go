package restapi

import (
	"encoding/json"
	"net/http"
	"testing"

	"github.com/reconcilehq/reconcile/plugins/sdk/sdktest"
)

// TestGraphQL says that the page's parameters are the query's variables, and that an error in a 200 answer is one.
func TestGraphQL(t *testing.T) {
	all := catalogue(45)
	shop := newShop(t, func(w http.ResponseWriter, r *http.Request) any {
		var sent struct {
			Query     string
			Variables struct {
				Skip, Take *int
				Channel    string
			}
		}
		err := json.NewDecoder(r.Body).Decode(&sent)
		v := sent.Variables
		if err != nil || r.Method != http.MethodPost || sent.Query != "query { x }" || v.Skip == nil || v.Take == nil || v.Channel != "web" {
			w.WriteHeader(http.StatusBadRequest)
			return object{"message": "not so"}
		}
		from := min(*v.Skip, len(all))
		return object{"data": object{"items": all[from:min(from+*v.Take, len(all))], "total": len(all)}}
	})
	settings := func() sdktest.Settings {
		return shop.settings(sdktest.Settings{"graphql": "query { x }", "variables": map[string]string{"channel": "web"}, "items": "$.data.items[*]",
			"page": sdktest.Settings{"type": "offset", "size": 20, "offset_param": "skip", "size_param": "take", "total": "$.data.total"}})
	}
	got, err := read(t, settings())
	if err != nil || len(got.Items) != 45 {
		t.Errorf("%d items, %v", len(got.Items), err)
	}

	busy := 2
	for name, c := range map[string]struct {
		answer any
		want   string
	}{
		"an error":             {object{"errors": []any{object{"message": "You are not authorized", "extensions": object{"code": "FORBIDDEN"}}}, "data": nil}, "the API answers with an error: You are not authorized (FORBIDDEN)"},
		"a text, and items":    {object{"errors": "half of it", "data": object{"items": all[:1], "total": 1}}, "the API answers with an error: half of it"},
		"an object, and items": {object{"errors": object{"message": "half of it"}, "data": object{"items": all[:1], "total": 1}}, "the API answers with an error: half of it"},
		"no message":           {object{"errors": []any{object{"code": 7}}, "data": object{"items": all[:1], "total": 1}}, "the API answers with an error: an object"},
		"an error, and items":  {object{"errors": []any{object{"message": "half of it"}}, "data": object{"items": all[:1], "total": 1}}, "the API answers with an error: half of it"},
		"no data":              {object{"data": nil}, "selects nothing, where a list is expected; the answer has the members data"},
	} {
		t.Run(name, func(t *testing.T) {
			refusing := newShop(t, func(http.ResponseWriter, *http.Request) any { return c.answer })
			s := settings()
			s["base_url"] = refusing.URL
			_, err := read(t, s)
			wants(t, err, c.want)
			if refusing.requests.Load() != 1 {
				t.Errorf("%d requests for an answer that stays the same", refusing.requests.Load())
			}
		})
	}
	throttling := newShop(t, func(http.ResponseWriter, *http.Request) any {
		if busy--; busy >= 0 {
			return object{"errors": []any{object{"message": "Throttled", "extensions": object{"code": "THROTTLED"}}}}
		}
		return object{"data": object{"items": all[:1], "total": 1}}
	})
	s := settings()
	s["base_url"], s["page"] = throttling.URL, sdktest.Settings{"type": "none"}
	if got, err := read(t, s); err != nil || len(got.Items) != 1 {
		t.Errorf("a platform that throttles: %d items, %v", len(got.Items), err)
	}
}

// TestBody says that parameters of the page can be members of a body of one's own.
func TestBody(t *testing.T) {
	all := catalogue(25)
	shop := newShop(t, func(w http.ResponseWriter, r *http.Request) any {
		var sent map[string]any
		if err := json.NewDecoder(r.Body).Decode(&sent); err != nil || sent["status"] != "any" || sent["limit"] != 10.0 {
			w.WriteHeader(http.StatusBadRequest)
			return nil
		}
		from := 0
		if cursor, ok := sent["cursor"].(float64); ok { // a number, as it was given
			from = int(cursor)
		}
		answer := object{"items": all[from:min(from+10, len(all))], "next": nil}
		if from+10 < len(all) {
			answer["next"] = from + 10
		}
		return answer
	})
	got, err := read(t, shop.settings(sdktest.Settings{"body": `{"status": "any"}`, "page": sdktest.Settings{"type": "cursor", "size": 10, "in": "body", "cursor": "$.next"}}))
	if err != nil || len(got.Items) != 25 {
		t.Errorf("%d items, %v", len(got.Items), err)
	}
}
