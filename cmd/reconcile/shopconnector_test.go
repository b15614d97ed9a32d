package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/reconcilehq/reconcile/plugins/sdk"
)

// shop is a connector of which a Local Copy is kept. Its platform is a file of JSON, platform; what it is asked is appended
// to a file beside it.
type shop struct {
	Platform string `setting:"platform,required,path" doc:"The file that the platform is."`
	Branch   string `setting:"branch" doc:"Whose data they are."`
	Token    string `setting:"token,sensitive,live" doc:"A secret that identifies no data."`
	Shout    bool   `setting:"shout,live" doc:"Write names in capitals."`
	Sandbox  bool   `setting:"sandbox" doc:"Keep no copy."`
}

// platform is what the shop is at a moment.
type platform struct {
	Version  int                `json:"version"` // of the last change
	Products map[string]product `json:"products"`
	At       time.Time          `json:"at"`       // when it was so; now if it is not said
	FullDue  time.Duration      `json:"full_due"` // after each pull; 0: never
	Step     int                `json:"step"`     // products between two checkpoints; 0: none
	Pause    time.Duration      `json:"pause"`    // after each step
	WaitFor  string             `json:"wait_for"` // a file, after the first step
	Miscount int64              `json:"miscount"` // added to what is expected of a pull that is not full
	Breaks   int                `json:"breaks"`   // fails after so many products; 0: not
	Dies     bool               `json:"dies"`     // where it breaks, as a process
	Moved    int                `json:"moved"`    // cursors below it are of no use
	Quota    time.Duration      `json:"quota"`    // how long it says that it waits for its quota, though it does not; 0: it says nothing
	Closed   string             `json:"closed"`   // why nothing can be asked
}

type product struct {
	Name    string `json:"name"`
	Price   string `json:"price"`
	Changed int    `json:"changed"` // at which version
}

func serveShop() {
	version := uint32(1)
	if len(os.Args) > 1 {
		version = 2
	}
	sdk.Serve(sdk.Connector{Name: "shop", Version: "1", New: func() sdk.Source {
		if version == 2 {
			return &newerShop{}
		}
		return &shop{}
	}})
}

// newerShop is a later version of the connector, whose records mean something else.
type newerShop struct{ shop }

func (newerShop) CopyRules() sdk.CopyRules {
	return sdk.CopyRules{Kinds: []string{"price", "product"}, Version: 2}
}

func (shop) CopyRules() sdk.CopyRules {
	return sdk.CopyRules{Kinds: []string{"price", "product"}, Version: 1}
}

func (s *shop) KeepsCopy() bool { return !s.Sandbox }

func (s *shop) Schema(context.Context) ([]sdk.Field, error) {
	return sdk.Known("sku", "name", "price"), nil
}

// ask notes a call and looks at the platform.
func (s *shop) ask(call string) (*platform, error) {
	log, err := os.OpenFile(s.Platform+".log", os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o666)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	if _, err := fmt.Fprintln(log, call); err != nil {
		return nil, err
	}
	text, err := os.ReadFile(s.Platform)
	if err != nil {
		return nil, err
	}
	p := &platform{}
	if err := json.Unmarshal(text, p); err != nil {
		return nil, err
	}
	if p.Closed != "" {
		return nil, fmt.Errorf("the shop is closed: %s, token %s", p.Closed, s.Token)
	}
	return p, nil
}

// Read implements sdk.Reader, which is used where no copy is kept.
func (s *shop) Read(_ context.Context, req sdk.ReadRequest, emit func(sdk.Item) error) error {
	p, err := s.ask("read")
	if err != nil {
		return err
	}
	if p.Quota > 0 {
		req.Waiting(time.Now().Add(p.Quota), "the shop's quota")
	}
	for _, sku := range slices.Sorted(maps.Keys(p.Products)) {
		if err := emit(s.item(sku, p.Products[sku].Name, p.Products[sku].Price)); err != nil {
			return err
		}
	}
	return nil
}

func (s *shop) item(sku, name, price string) sdk.Item {
	if s.Shout {
		name = strings.ToUpper(name)
	}
	return sdk.Item{"sku": sku, "name": name, "price": price}
}

// Pull implements sdk.Incremental. The cursor is the version, and where a pull broke off the product after which it did.
func (s *shop) Pull(ctx context.Context, req sdk.PullRequest, out *sdk.CopyUpdate) error {
	p, err := s.ask(fmt.Sprintf("pull %q %s", req.Cursor, strings.Join(req.Fields, ",")))
	if err != nil {
		return err
	}
	if p.Quota > 0 {
		req.Waiting(time.Now().Add(p.Quota), "the shop's quota")
	}
	since, full, after := 0, "full", ""
	if req.Cursor != nil {
		parts := strings.SplitN(string(req.Cursor), " ", 3)
		if since, err = strconv.Atoi(parts[0]); err != nil {
			return err
		}
		if full = ""; len(parts) == 3 {
			full, after = parts[1], parts[2]
		}
		if since < p.Moved {
			return fmt.Errorf("the shop has moved: %w", sdk.ErrNeedFull)
		}
	}
	wantsPrice := req.Wants("price")
	n := 0
	for _, sku := range slices.Sorted(maps.Keys(p.Products)) {
		if sku <= after || full == "" && p.Products[sku].Changed <= since {
			continue
		}
		if err := out.Put("product", sku, []byte(p.Products[sku].Name)); err != nil {
			return err
		}
		if wantsPrice {
			if err := out.Put("price", sku, []byte(p.Products[sku].Price)); err != nil {
				return err
			}
		}
		if n++; p.Breaks == n && p.Dies {
			os.Exit(7)
		} else if p.Breaks == n {
			return errors.New("out of paper")
		}
		if p.Step > 0 && n%p.Step == 0 {
			if err := out.Checkpoint(fmt.Appendf(nil, "%d %s %s", since, full, sku)); err != nil {
				return err
			}
			select {
			case <-ctx.Done():
				return ctx.Err()
			case <-time.After(p.Pause):
			}
			for _, err := os.Stat(p.WaitFor); p.WaitFor != "" && err != nil && ctx.Err() == nil; _, err = os.Stat(p.WaitFor) {
				time.Sleep(time.Millisecond)
			}
		}
	}
	for sku, err := range req.Keys(ctx, "product") {
		if err != nil {
			return err
		}
		if _, there := p.Products[sku]; !there {
			if err := errors.Join(out.Delete("product", sku), out.Delete("price", sku)); err != nil {
				return err
			}
		}
	}
	expected := int64(len(p.Products))
	if req.Cursor != nil {
		expected += p.Miscount
	}
	out.Expect("product", expected)
	out.SetCursor(fmt.Append(nil, p.Version))
	if !p.At.IsZero() {
		out.ReadAt(p.At)
	}
	if p.FullDue > 0 {
		out.FullDue(time.Now().Add(p.FullDue))
	}
	return nil
}

// Assemble implements sdk.Incremental.
func (s *shop) Assemble(_ context.Context, req sdk.ReadRequest, records *sdk.Records, w *sdk.Writer) error {
	prices := map[string]string{}
	for sku, price := range records.All("price") {
		prices[sku] = string(price)
	}
	for sku, name := range records.All("product") {
		item := s.item(sku, string(name), "")
		for i, f := range w.Fields() {
			switch f.Name {
			case "sku", "name":
				w.String(i, item[f.Name].(string))
			case "price":
				price, err := sdk.ParseDecimal(prices[sku])
				if err != nil {
					return fmt.Errorf("the price of %s: %w", sku, err)
				}
				w.Number(i, price)
			}
		}
		if err := w.End(); err != nil {
			return err
		}
	}
	return records.Err()
}
