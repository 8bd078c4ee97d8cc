# Second programming: the key results once more, in base R, from the same CSV files and nothing else.
#
# Usage: Rscript R/second_programming.R DATA_FOLDER OUTPUT.csv
#
# DATA_FOLDER holds published/ and derived/. The output has one row per recomputed cell:
# result, variable, item, value. It shares no code with the Python package; a test compares the two.

arguments <- commandArgs(trailingOnly = TRUE)
if (length(arguments) != 2) {
  stop("give the data folder and the file to write", call. = FALSE)
}
data_folder <- arguments[1]
target <- arguments[2]

table_at <- function(...) {
  path <- file.path(data_folder, ...)
  if (!file.exists(path)) {
    stop(paste("there is no", path), call. = FALSE)
  }
  read.csv(path, stringsAsFactors = FALSE, encoding = "UTF-8", check.names = FALSE)
}

cells <- list()
record <- function(result, variable, item, value) {
  if (is.numeric(value)) {
    value <- formatC(value, digits = 15, format = "g", flag = "#")
  }
  cells[[length(cells) + 1]] <<- data.frame(
    result = result, variable = variable, item = as.character(item), value = as.character(value)
  )
}

# --- the 42 systems as printed ------------------------------------------------------------------------------

areas <- table_at("published", "areas.csv")
printed <- merge(areas[, c("stp21_code", "ods_code")], table_at("published", "ics_geography.csv"), by = "stp21_code")
for (name in c("ics_organisation.csv", "ics_deprivation.csv")) {
  more <- table_at("published", name)
  more <- more[, !(names(more) %in% c("ics_name", "source", "place"))]
  printed <- merge(printed, more, by = "stp21_code")
}
stopifnot(nrow(printed) == 42, !anyDuplicated(printed$stp21_code))

classed <- list(
  urban_percent = c("more rural", "mixed", "more urban"),
  population = c("small", "medium", "large"),
  utla_count = c("low", "medium", "high"),
  trust_count = c("low", "medium", "high"),
  most_deprived_fifth_percent = c("low", "medium", "high")
)

# A cut that is a value up to rounding is that value, or ties go astray: thirds are not exact in binary.
cut_at <- function(values, part, groups, type = 7) {
  found <- quantile(values, part / groups, type = type, names = FALSE)
  for (i in seq_along(found)) {
    nearest <- values[which.min(abs(values - found[i]))]
    if (abs(nearest - found[i]) <= 1e-12 * abs(nearest)) found[i] <- nearest
  }
  found
}

tercile_class <- function(values, labels) {
  cuts <- cut_at(values, 1:2, 3)
  ifelse(values < cuts[1], labels[1], ifelse(values > cuts[2], labels[3], labels[2]))
}

for (variable in names(classed)) {
  values <- as.numeric(printed[[variable]])
  for (type in 1:9) {
    cuts <- cut_at(values, 1:2, 3, type)
    record(paste("cut, type", type), variable, c("lower", "upper"), cuts)
  }
  record("class", variable, printed$stp21_code, tercile_class(values, classed[[variable]]))
}

for (groups in 2:6) {
  values <- printed$most_deprived_fifth_percent
  top <- cut_at(values, groups - 1, groups)
  record("subgroup", paste("top of", groups), printed$stp21_code, ifelse(values > top, "in", "out"))
}

for (count in c("utla_count", "trust_count")) {
  for (method in c("pearson", "spearman")) {
    r <- cor(as.numeric(printed$population), as.numeric(printed[[count]]), method = method)
    record("correlation", paste("population and", count), method, r)
  }
}

for (variable in c("vanguards", "pioneers")) {
  known <- suppressWarnings(as.numeric(printed[[variable]]))
  record("total", variable, "all", sum(known, na.rm = TRUE))
}

# --- participants -------------------------------------------------------------------------------------------

people <- table_at("published", "interviewees.csv")
for (margin in c("site", "sector", "sector_group")) {
  sums <- tapply(people$interviewees, people[[margin]], sum)
  record("interviewees", margin, names(sums), as.numeric(sums))
}
record("interviewees", "total", "all", sum(people$interviewees))

half_up <- function(x) floor(x + 0.5)

# --- measures from the counts of open data ------------------------------------------------------------------

pairs_of_vintages <- c("2019 stp21", "2019 icb22", "2025 icb24") # those of the sweep; others may be counted too
counts <- table_at("derived", "ics_counts.csv")
counts <- counts[paste(counts$imd, counts$boundaries) %in% pairs_of_vintages, ]
key <- paste(counts$imd, counts$boundaries, counts$area)
record("recomputed", "most_deprived_fifth_percent", key, 100 * counts$fifth / counts$lsoas)
record("recomputed", "most_deprived_tenth_percent", key, 100 * counts$tenth / counts$lsoas)
record("recomputed", "mean_rank", key, counts$rank_sum / counts$lsoas)
record("recomputed", "urban_percent", key, 100 * counts$urban / counts$classified)

study <- counts[counts$imd == 2019 & counts$boundaries == "stp21", ]
study <- study[match(printed$ods_code, study$area), ]
projected <- table_at("derived", "populations.csv")
projected <- projected[projected$boundaries == "icb22", ]
agreement <- c(
  most_deprived_fifth_percent = sum(
    half_up(100 * study$fifth / study$lsoas) == printed$most_deprived_fifth_percent
  ),
  urban_percent = sum(half_up(100 * study$urban / study$classified) == printed$urban_percent),
  population = sum(projected$projected[match(printed$ods_code, projected$area)] == printed$population)
)
record("printed values that agree", names(agreement), "all", as.numeric(agreement))

# --- a random thousand of the specifications of the sweep ----------------------------------------------------

# The first choice varies slowest, and specifications are numbered from 0.
left_out <- c("nobody", sort(unique(areas$nhs_region), method = "radix"), "small systems")
choices <- list(
  left_out = left_out, data = pairs_of_vintages, measure = c("fifth", "tenth", "mean rank"),
  rounding = c("unrounded", "rounded"), groups = 2:6, type = 1:9, ties = c("above the cut", "at or above the cut")
)
levels_of <- lengths(choices)
of <- prod(levels_of)

# The minimal standard generator of Park and Miller (Commun ACM 1988;31:1192-201), which any language can repeat.
state <- 14580
chosen <- numeric(0)
while (length(chosen) < 1000) {
  state <- (16807 * state) %% 2147483647
  if (!((state %% of) %in% chosen)) chosen <- c(chosen, state %% of)
}

system <- areas[match(printed$stp21_code, areas$stp21_code), c("ods_code", "nhs_region")]
system$small <- printed$population_class == "small"
system <- system[order(system$ods_code, method = "radix"), ]

specification <- function(number) {
  picked <- list()
  for (choice in rev(names(choices))) {
    picked[[choice]] <- choices[[choice]][number %% levels_of[[choice]] + 1]
    number <- number %/% levels_of[[choice]]
  }
  picked
}

subgroup <- function(picked) {
  here <- counts[paste(counts$imd, counts$boundaries) == picked$data, ]
  total <- sum(here$lsoas)
  kept <- switch(picked$left_out, "nobody" = TRUE, "small systems" = !system$small,
                 system$nhs_region != picked$left_out)
  codes <- system$ods_code[kept]
  here <- here[match(codes, here$area), ]
  values <- switch(picked$measure,
    "fifth" = 100 * here$fifth / here$lsoas,
    "tenth" = 100 * here$tenth / here$lsoas,
    "mean rank" = 100 - 100 * here$rank_sum / (here$lsoas * total)
  )
  if (picked$rounding == "rounded") values <- half_up(values)
  top <- cut_at(values, picked$groups - 1, picked$groups, picked$type)
  paste(codes[if (picked$ties == "above the cut") values > top else values >= top], collapse = " ")
}

for (number in chosen) {
  picked <- specification(number)
  record("specification", paste("without", picked$left_out), paste(unlist(picked[names(choices)[-1]]), collapse = ", "),
         subgroup(picked))
}

write.csv(do.call(rbind, cells), target, row.names = FALSE, fileEncoding = "UTF-8")
