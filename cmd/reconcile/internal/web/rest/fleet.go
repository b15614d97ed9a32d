package rest

import (
	"net/http"

	"github.com/reconcilehq/reconcile/cmd/reconcile/internal/overview"
)

// fleet answers with what the last jobs of the shops came to, those first that need a person.
func (a *API) fleet(r *http.Request) (int, any, error) {
	most, err := number(r, "limit", 100, 0, 100_000)
	if err != nil {
		return 0, nil, err
	}
	var shops []string
	if shop := r.URL.Query().Get("shop"); shop != "" {
		shops = []string{shop}
	}
	status, err := a.Fleet(r.Context(), shops)
	if err != nil {
		return 0, nil, err
	}
	return http.StatusOK, struct {
		*overview.Status
		Total int                  `json:"total"`
		Shops []overview.ShopState `json:"shops"`
	}{status, len(status.Shops), status.Shops[:min(most, len(status.Shops))]}, nil
}
