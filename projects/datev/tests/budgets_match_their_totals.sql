-- the controller's own total of a row is the sum of its months
select Konto, Kostenstelle, file_name
from {{ source('datev', 'budgets') }}
where Jan + Feb + "Mär" + Apr + Mai + Jun + Jul + Aug + Sep + Okt + Nov + Dez <> Summe
