package webapi_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"

	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// shopServer is a platform with five products, two a page.
func shopServer() *httptest.Server {
	return httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case r.Header.Get("Authorization") != "Bearer t0ken":
			w.WriteHeader(http.StatusUnauthorized)
			write(w, `{"message": "no such token"}`)
		case r.URL.Query().Get("page") == "1":
			write(w, `{"products": [{"id": "1", "sku": "BELL"}, {"id": "2", "sku": "DRUM"}], "count": 5}`)
		case r.URL.Query().Get("page") == "2":
			write(w, `{"products": [{"id": "3", "sku": "GONG"}, {"id": "4", "sku": "HARP"}], "count": 5}`)
		default:
			write(w, `{"products": [{"id": "5", "sku": "LUTE"}], "count": 5}`)
		}
	}))
}

// A list is read to its end. That nothing is missing is proved by what the answers say of it.
func Example() {
	server := shopServer()
	defer server.Close()
	type product struct{ ID, SKU string }

	client := webapi.New(webapi.Config{URL: server.URL, Auth: webapi.Bearer("t0ken"), Name: "Corner Shop"})
	products := webapi.List[product]{
		What: "GET /products",
		Size: 2,
		Ask: func(page string) webapi.Request {
			return webapi.Request{Path: "/products", Query: url.Values{"page": {page}}}
		},
		Read: func(a *webapi.Answer) (webapi.Page[product], error) {
			var answer struct {
				Products []product
				Count    *int64
			}
			if err := webapi.Decode(a.Body, &answer); err != nil {
				return webapi.Page[product]{}, err
			}
			if answer.Products == nil || answer.Count == nil {
				return webapi.Page[product]{}, errors.New("it has no products, or does not say how many there are")
			}
			return webapi.Page[product]{Items: answer.Products, Total: answer.Count}, nil
		},
		Key: func(p product) string { return p.ID },
	}
	// In a connector, the session is told of by the request: client.Session(req)
	err := products.ByNumber(1).Each(context.Background(), client.Session(nil), func(page []product) error {
		fmt.Println(page)
		return nil
	})
	fmt.Println(err)
	// Output:
	// [{1 BELL} {2 DRUM}]
	// [{3 GONG} {4 HARP}]
	// [{5 LUTE}]
	// <nil>
}

// A failure says whose fault it is.
func ExampleFailure() {
	server := shopServer()
	defer server.Close()
	client := webapi.New(webapi.Config{URL: server.URL, Auth: webapi.Bearer("stolen"), Name: "Corner Shop",
		Explain: func(f *webapi.Failure, _ *webapi.Answer) {
			if f.Status == http.StatusUnauthorized {
				f.Text = "the token is wrong or was revoked; make a new one in Corner Shop's control panel"
			}
		}})
	err := client.Session(nil).Do(context.Background(), webapi.Request{Path: "/products"})
	fmt.Println(err)
	var failure *webapi.Failure
	fmt.Println(errors.As(err, &failure), failure.Cause == webapi.Credentials, failure.MayBeDone())
	// Output:
	// GET /products: 401 Unauthorized (no such token): the token is wrong or was revoked; make a new one in Corner Shop's control panel
	// true true false
}
