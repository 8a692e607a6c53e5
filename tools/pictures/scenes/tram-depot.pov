// print: size=1440x960 key=#231f3a spot=#f0a93a seed=71 knock=.85
// Twenty to four at the depot: five cars side by side, one of them warm.
#declare Seed=5; #declare Haze=0; #declare SunX=-.4; #declare SunY=.8; #declare SunZ=-.5; #declare SunLight=.22; #declare Fill=.30; #declare Ambient=.10; #declare SkyLow=.30; #declare SkyHigh=.30;
#include "kit.inc"
#declare Eye=<-2.0,2.2,-14>;
camera{location Eye look_at Eye+<.125,.05,1> right x*image_width/image_height angle 68}
box{<-40,-.2,-30>,<40,0,60> #if (Plate=1) pigment{rgb .008} finish{ambient .04 diffuse .3 reflection{.10,.75 fresnel on} conserve_energy} #else pigment{rgb 0} finish{ambient 0 diffuse 0 reflection{.16,.9 fresnel on}} #end
  interior{ior 1.45} normal{average normal_map{[1 bumps .10 scale<1.4,1,.5>][.5 granite .07 scale 3]}}}
#declare i=-2; #while(i<3)
  object{Tram((i=1?.25:.46),(i=1)) translate<i*3.9,0,abs(i+.6)*.9-1.6+(i=1?-.6:0)>}
  box{<i*3.9-.78,.0,-30>,<i*3.9-.70,.03,60> Flat(.42)} box{<i*3.9+.70,.0,-30>,<i*3.9+.78,.03,60> Flat(.42)}
  Bar(<i*3.9,4.45,-30>,<i*3.9,4.45,60>,.022)
#declare i=i+1; #end
// The saw-tooth roof: steep glass, then a dark slope; trusses below.
#declare i=-4; #while(i<5)
  prism{linear_spline -30,40,5,<i*5.2,5.4>,<i*5.2+.6,8.9>,<i*5.2+.7,8.9>,<i*5.2+.1,5.4>,<i*5.2,5.4> rotate x*90 scale<1,-1,1> Flat(.21)}
  prism{linear_spline -30,40,5,<i*5.2+.6,8.9>,<i*5.2+5.2,5.4>,<i*5.2+5.2,5.7>,<i*5.2+.6,9.2>,<i*5.2+.6,8.9> rotate x*90 scale<1,-1,1> Flat(.002)}
  #declare k=0; #while(k<9) // glazing bars
    Bar(<i*5.2-.04,5.4,-12+k*4.6>,<i*5.2+.56,8.9,-12+k*4.6>,.055)
    #declare k=k+1; #end
  #declare k=0; #while(k<5) union{
     Bar(<i*5.2,5.45,-6+k*9>,<i*5.2+5.2,5.45,-6+k*9>,.09) Bar(<i*5.2+.6,8.8,-6+k*9>,<i*5.2+1.6,5.45,-6+k*9>,.05) Bar(<i*5.2+2.6,7.2,-6+k*9>,<i*5.2+1.6,5.45,-6+k*9>,.05) Bar(<i*5.2+2.6,7.2,-6+k*9>,<i*5.2+3.4,5.45,-6+k*9>,.05) Flat(.006)} #declare k=k+1; #end
#declare i=i+1; #end
#declare k=0; #while(k<5) #declare i=-1; #while(i<2) union{cylinder{<i*7.8+1.95,0,3+k*9>,<i*7.8+1.95,5.5,3+k*9>,.13} cone{<i*7.8+1.95,4.9,3+k*9>,.13,<i*7.8+1.95,5.4,3+k*9>,.42} Flat(.006)} #declare i=i+1; #end #declare k=k+1; #end
box{<-60,0,40>,<60,12,41> Flat(.045)} box{<-60,0,-31>,<60,12,-30> Flat(.02)}
// Windows in the far wall, a bucket and a ladder near us.
#declare i=-7; #while(i<8) box{<i*3.9-1.2+1.95,1.2,39.9>,<i*3.9+1.2+1.95,4.6,40> Flat(.22)} #declare i=i+1; #end
union{ Bar(<0,0,0>,<.5,3.4,1.2>,.035) Bar(<.55,0,-.1>,<.95,3.4,1.1>,.035) #declare j=1; #while(j<9) Bar(<0,0,0>+<.5,3.4,1.2>*j/9,<.55,0,-.1>+<.40,3.4,1.2>*j/9,.022) #declare j=j+1; #end Flat(.004) translate<-9.0,0,-5.2>}
union{cone{0,.16,y*.36,.20} torus{.19,.012 rotate z*80 translate y*.40} Flat(.004) translate<-5.4,0,-7.4>}
object{Figure(1.74,.006,1) translate<6.1,0,1.5>}
