// Command check reads the dashboards of a folder strictly and reports everything that is wrong with them.
//
//	go run . ../dashboards
//
// A dashboard must be one that Grafana's schema accepts without members that it does not know, and must keep the
// rules of this project, so that panels can be told apart, say what they show, and need no data source but the two
// that are provisioned.
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

const (
	columns    = 24
	clickHouse = "grafana-clickhouse-datasource"
	prometheus = "prometheus"
)

// uids are those of the provisioned data sources, by type.
var uids = map[string]string{prometheus: "prometheus", clickHouse: "clickhouse"}

// sqlMembers are those of a ClickHouse query, which the schema does not know.
var sqlMembers = []string{"datasource", "editorType", "format", "pluginVersion", "queryType", "rawSql", "refId"}

// sqlFormats are the formats of a ClickHouse query by its type.
var sqlFormats = map[string]float64{"timeseries": 0, "table": 1}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: check FOLDER")
		os.Exit(2)
	}
	files, err := filepath.Glob(filepath.Join(os.Args[1], "*.json"))
	if err != nil || len(files) == 0 {
		fmt.Fprintf(os.Stderr, "%s: no dashboards\n", os.Args[1])
		os.Exit(2)
	}
	plugins.RegisterDefaultPlugins()
	failed := false
	for _, file := range files {
		panels, faults := check(file)
		for _, fault := range faults {
			fmt.Fprintf(os.Stderr, "%s: %s\n", filepath.Base(file), fault)
		}
		if len(faults) > 0 {
			failed = true
			continue
		}
		fmt.Printf("%s: %d panels\n", filepath.Base(file), panels)
	}
	if failed {
		os.Exit(1)
	}
}

// check returns the number of a dashboard's panels, without rows, and what is wrong with it.
func check(file string) (int, []string) {
	raw, err := os.ReadFile(file)
	if err != nil {
		return 0, []string{err.Error()}
	}
	var read dashboard.Dashboard
	if faults := faultsOf(read.UnmarshalJSONStrict(raw)); len(faults) > 0 {
		return 0, faults
	}
	if faults := faultsOf(read.Validate()); len(faults) > 0 {
		return 0, faults
	}
	var plain document
	if err := json.Unmarshal(raw, &plain); err != nil {
		return 0, []string{err.Error()}
	}
	return plain.check(strings.TrimSuffix(filepath.Base(file), ".json"))
}

// faultsOf returns what is wrong, one line each. The schema's decoders return an empty list as an error if nothing is.
func faultsOf(err error) []string {
	var list cog.BuildErrors
	if errors.As(err, &list) {
		faults := make([]string, len(list))
		for i, fault := range list {
			faults[i] = fault.Error()
		}
		return faults
	}
	if err != nil {
		return []string{err.Error()}
	}
	return nil
}

type source struct {
	Type string `json:"type"`
	UID  string `json:"uid"`
}

type document struct {
	ID         *int64 `json:"id"`
	UID        string `json:"uid"`
	Title      string `json:"title"`
	Refresh    string `json:"refresh"`
	Time       *any   `json:"time"`
	Panels     []panel
	Templating struct {
		List []struct {
			Name       string  `json:"name"`
			Type       string  `json:"type"`
			Datasource *source `json:"datasource"`
		} `json:"list"`
	} `json:"templating"`
}

type panel struct {
	ID           uint32           `json:"id"`
	Type         string           `json:"type"`
	Title        string           `json:"title"`
	Datasource   *source          `json:"datasource"`
	LibraryPanel *any             `json:"libraryPanel"`
	Targets      []map[string]any `json:"targets"`
	Panels       []panel          `json:"panels"`
	GridPos      struct{ H, W, X, Y int }
	FieldConfig  struct {
		Defaults struct {
			Unit string `json:"unit"`
		} `json:"defaults"`
	} `json:"fieldConfig"`
}

// check returns the number of panels, without rows, and the rules that are broken.
func (d *document) check(name string) (int, []string) {
	var faults []string
	fault := func(format string, arguments ...any) { faults = append(faults, fmt.Sprintf(format, arguments...)) }
	if d.ID != nil {
		fault("it has an id, which belongs to one Grafana")
	}
	if want := "voc-" + name; d.UID != want {
		fault("its uid is %q, not %q", d.UID, want)
	}
	if d.Title == "" || d.Refresh == "" || d.Time == nil {
		fault("a title, a refresh interval and a time range are needed")
	}
	for _, variable := range d.Templating.List {
		if variable.Type == "query" && !variable.Datasource.isProvisioned() {
			fault("variable %s: its data source is not provisioned", variable.Name)
		}
	}
	ids := map[uint32]string{}
	titles := map[string]bool{}
	taken := map[[2]int]string{}
	number := 0
	for _, panel := range d.Panels {
		if other, found := ids[panel.ID]; found || panel.ID == 0 {
			fault("panel %q: its id %d is missing or that of %q", panel.Title, panel.ID, other)
		}
		ids[panel.ID] = panel.Title
		if panel.Title == "" {
			fault("panel %d has no title", panel.ID)
		}
		place := panel.GridPos
		if place.H < 1 || place.W < 1 || place.X < 0 || place.Y < 0 || place.X+place.W > columns {
			fault("panel %q: its place is outside the grid", panel.Title)
			continue
		}
		for x := place.X; x < place.X+place.W; x++ {
			for y := place.Y; y < place.Y+place.H; y++ {
				if other, found := taken[[2]int{x, y}]; found && other != panel.Title {
					fault("panel %q overlaps %q", panel.Title, other)
					x, y = columns, place.Y+place.H
				}
				taken[[2]int{x, y}] = panel.Title
			}
		}
		if panel.Type == "row" {
			if len(panel.Panels) > 0 {
				fault("row %q: its panels are nested; put them after it", panel.Title)
			}
			continue
		}
		number++
		if titles[panel.Title] {
			fault("two panels have the title %q", panel.Title)
		}
		titles[panel.Title] = true
		for _, broken := range panel.check() {
			fault("panel %q: %s", panel.Title, broken)
		}
	}
	return number, faults
}

func (p *panel) check() []string {
	var faults []string
	if p.FieldConfig.Defaults.Unit == "" {
		faults = append(faults, "it has no unit")
	}
	if p.LibraryPanel != nil {
		faults = append(faults, "it is a library panel")
	}
	if !p.Datasource.isProvisioned() {
		return append(faults, "its data source is not provisioned")
	}
	if len(p.Targets) == 0 {
		faults = append(faults, "it has no query")
	}
	references := map[any]bool{}
	for _, target := range p.Targets {
		reference := target["refId"]
		if text, isText := reference.(string); !isText || text == "" || references[reference] {
			faults = append(faults, fmt.Sprintf("query %v: its refId is missing or used twice", reference))
		}
		references[reference] = true
		from, _ := target["datasource"].(map[string]any)
		if from["type"] != p.Datasource.Type || from["uid"] != p.Datasource.UID {
			faults = append(faults, fmt.Sprintf("query %v: its data source is not the panel's", reference))
		}
		for _, broken := range queryFaults(p.Datasource.Type, target) {
			faults = append(faults, fmt.Sprintf("query %v: %s", reference, broken))
		}
	}
	return faults
}

// queryFaults returns what is wrong with the members of a query.
func queryFaults(kind string, target map[string]any) []string {
	if kind == prometheus {
		if text, _ := target["expr"].(string); strings.TrimSpace(text) == "" {
			return []string{"it has no expression"}
		}
		return nil
	}
	var faults []string
	for _, member := range slices.Sorted(maps.Keys(target)) {
		if !slices.Contains(sqlMembers, member) {
			faults = append(faults, fmt.Sprintf("unknown member %q", member))
		}
	}
	if text, _ := target["rawSql"].(string); strings.TrimSpace(text) == "" {
		faults = append(faults, "it has no SQL")
	}
	if target["editorType"] != "sql" {
		faults = append(faults, "its editorType is not sql")
	}
	kindOfRows, _ := target["queryType"].(string)
	if format, found := sqlFormats[kindOfRows]; !found || target["format"] != format {
		faults = append(faults, "its queryType and format are not 'timeseries' and 0, or 'table' and 1")
	}
	return faults
}

func (s *source) isProvisioned() bool {
	return s != nil && s.Type != "" && uids[s.Type] == s.UID
}
