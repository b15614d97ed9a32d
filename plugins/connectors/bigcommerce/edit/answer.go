package edit

import (
	"errors"
	"fmt"
	"net/http"

	"github.com/reconcilehq/reconcile/plugins/sdk/webapi"
)

// check says in what an answer to a batch is not what the API answers: then another one may have answered, such as a login page in
// between, and only a look tells what became of the batch. What came with another status than 200 is looked at anyway.
func (r route) check(a *webapi.Answer, batch []*job) error {
	if a.Status != http.StatusOK {
		return nil
	}
	if r == ofStock {
		var answer struct {
			Transaction webapi.Text `json:"transaction_id"`
		}
		if err := webapi.Decode(a.Body, &answer); err != nil {
			return err
		}
		if answer.Transaction.Value == "" {
			return errors.New("it does not say under which transaction_id the quantities are set")
		}
		return nil
	}
	var answer struct {
		Data []struct {
			ID webapi.Whole `json:"id"`
		} `json:"data"`
	}
	if err := webapi.Decode(a.Body, &answer); err != nil {
		return err
	}
	if answer.Data == nil {
		return errors.New("it has no data")
	}
	told := map[int64]bool{}
	for _, entry := range answer.Data {
		told[entry.ID.Value] = true
	}
	for _, j := range batch {
		if id := r.entity(j); !told[id] {
			return fmt.Errorf("it does not have %s %d, which was to be set", r, id)
		}
	}
	return nil
}

// String names what a request of the route sets.
func (r route) String() string {
	return [...]string{ofProduct: "product", ofVariant: "variant", ofStock: "stock"}[r]
}
